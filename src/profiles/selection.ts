import { builtInFields } from './built-ins.ts';

export interface SelectionOptions {
  /** The user properties that are sent, by name. */
  readonly properties: readonly string[];
  /** Those that are kept though they are not sent: events are sent with them. */
  readonly keep?: readonly string[];
  /** The user property that holds the identifier, if a user property does. */
  readonly identifier?: IdentifierOption;
  /** What an update holds: what changed, or all that is selected and has a value. */
  readonly content: 'changed' | 'selected';
  /** Whether a user whom Braze does not have is created though no property is selected. */
  readonly createUsers: boolean;
}

export interface IdentifierOption {
  readonly property: string;
  /** The identifier that a value is; undefined if it is none. */
  readonly read: (value: unknown) => string | undefined;
}

/** What a sync needs to know of users, laid out once: a user's values are a list with one place for each slot. */
export interface Selection {
  readonly slots: readonly Slot[];
  readonly sent: readonly SentProperty[];
  readonly identifier: { readonly slot: number; readonly read: IdentifierOption['read'] } | undefined;
  readonly content: 'changed' | 'selected';
  /** Whether a user is sent once with nothing but the identifier. */
  readonly sendsBareUsers: boolean;
  /** The slots of the properties that events read: to send them, or as the identifier. */
  readonly reads: readonly number[];
  /** The values of a user of whom nothing is known. */
  readonly blank: readonly unknown[];
}

/** One value that is kept of each user. A built-in property and a user's own one may have the same name. */
export interface Slot {
  readonly name: string;
  /** The event fields that hold it if it is a built-in property. */
  readonly fields: readonly string[] | undefined;
}

/** A property that is sent. A user's own property is sent rather than the built-in one of the same name. */
export interface SentProperty {
  readonly name: string;
  /** The slot of the user's own property. */
  readonly own: number;
  /** The slot of the built-in property; undefined if none has the name. */
  readonly builtIn: number | undefined;
}

export function selection({ properties, keep = [], identifier, ...options }: SelectionOptions): Selection {
  const selected = [...new Set(properties)];
  const mapped = identifier === undefined ? [] : [identifier.property];
  const own = [...new Set([...selected, ...keep, ...mapped])];
  const builtIns = selected.filter((name) => builtInFields(name) !== undefined);
  const slots = [
    ...own.map((name) => ({ name, fields: undefined })),
    ...builtIns.map((name) => ({ name, fields: builtInFields(name) })),
  ];
  return {
    slots,
    sent: selected.map((name) => ({
      name,
      own: own.indexOf(name),
      builtIn: builtIns.includes(name) ? own.length + builtIns.indexOf(name) : undefined,
    })),
    identifier:
      identifier === undefined ? undefined : { slot: own.indexOf(identifier.property), read: identifier.read },
    content: options.content,
    sendsBareUsers: selected.length === 0 && options.createUsers,
    reads: [...new Set([...keep, ...mapped])].map((name) => own.indexOf(name)),
    blank: slots.map(() => undefined),
  };
}

/** The value of a property that is sent, as Amplitude has it. */
export function sentValue(values: readonly unknown[], { own, builtIn }: SentProperty): unknown {
  return values[own] ?? (builtIn === undefined ? undefined : values[builtIn]);
}
