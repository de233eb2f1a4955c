/** An event as the destination will know it: picked, named and addressed, not yet in the destination's own form. */
export interface Draft {
  /** The value of the mapped property: whose event it is. */
  readonly identifier: string;
  readonly name: string;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly time: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What the destination keeps of the event outside of its properties, if it keeps such a thing. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What has changed of a user. */
export interface UserUpdate {
  /** The value of the mapped property: who has changed. */
  readonly identifier: string;
  /** By name; null takes an attribute away. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /**
   * What the attributes were before, null for nothing. Present if the destination may have the update already, since
   * the event that caused it was handed out before.
   */
  readonly before?: Readonly<Record<string, unknown>>;
  /**
   * Resolves once the state of the user is written that has the update in it, or the update was given up. Present if
   * the sync asks after a crash which updates arrived.
   */
  readonly written?: Promise<void>;
}

/** What a sink sends: an event, or an update of a user. */
export type Entry = EventEntry | UpdateEntry;

interface Serialised {
  /** Order is kept among the entries of one user. */
  readonly user: string;
  /** The object as JSON text, serialised once. */
  readonly json: string;
  /** The length of `json` in UTF-8. */
  readonly bytes: number;
  /** When the stream stored the event, in milliseconds since 1970. */
  readonly storedAt: number;
}

export interface EventEntry extends Serialised {
  readonly kind: 'event';
}

export interface UpdateEntry extends Serialised {
  readonly kind: 'update';
  /** The part of `json` that says who, without its closing brace. */
  readonly head: string;
  /** The rest of `json`. Several updates of a user in one request become one. */
  readonly attributes: UserUpdate['attributes'];
  readonly before?: Readonly<Record<string, unknown>>;
  readonly written?: Promise<void>;
}
