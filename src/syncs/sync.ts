import type { BrazeConfig } from '../sinks/braze/config.ts';
import { resolveEndpoint } from '../sinks/braze/endpoint.ts';
import { outputName } from './events.ts';
import type { SyncFile } from './schema.ts';

/** A sync, ready to be run: every default filled in, every name resolved, every file read. */
export interface Sync {
  /** The rule file. */
  readonly file: string;
  /** Also the name of the durable consumer. */
  readonly name: string;
  readonly enabled: boolean;
  readonly source: {
    readonly stream: string;
    readonly subjects: string;
    readonly start: 'new' | 'all' | Date;
  };
  readonly destination: BrazeConfig;
  /** The property that says whose an event is, such as `user_properties.crm_id`. */
  readonly identifier: { readonly property: string };
  readonly events: {
    readonly send: boolean;
    /** The alternatives, of which one has to select an event. The event `*` stands for all. */
    readonly select: readonly { readonly event: string; readonly where?: string }[];
    /** A JSONata condition. */
    readonly filter?: string;
    readonly properties: readonly SyncProperty[];
  };
  readonly users: Readonly<NonNullable<SyncFile['users']>>;
  readonly batch: Readonly<SyncFile['batch']>;
  readonly delivery: Readonly<SyncFile['delivery']>;
}

/** A property of the events that are sent, and the name it is sent under. */
export type SyncProperty =
  | { readonly kind: 'reference'; readonly from: string; readonly as: string }
  | { readonly kind: 'expression'; readonly expr: string; readonly as: string };

/**
 * The sync that a checked rule file describes.
 *
 * @param filter the text of `events.filter`, read from its file if it names one
 */
export function resolveSync(file: string, rule: SyncFile, filter: string | undefined): Sync {
  const { name, enabled, source, identifier, events, users, batch, delivery } = rule;
  return {
    file,
    name,
    enabled,
    source: {
      ...source,
      start: source.start === 'new' || source.start === 'all' ? source.start : new Date(source.start),
    },
    destination: resolveDestination(rule),
    identifier: { property: identifier.property },
    events: {
      send: events?.send ?? false,
      select: (events?.select ?? []).map((row) => (typeof row === 'string' ? { event: row } : row)),
      ...(filter !== undefined && { filter }),
      properties: (events?.properties ?? []).map(resolveProperty),
    },
    users: users ?? { send: false, properties: [], content: 'changed', afterCrash: 'resend' },
    batch,
    delivery,
  };
}

function resolveDestination({ destination, identifier }: SyncFile): BrazeConfig {
  const { endpoint, apiKey, appId, userAliasLabel, updateUsersOnly } = destination;
  const resolved = resolveEndpoint(endpoint);
  if ('fault' in resolved) throw new RangeError(`the endpoint ${resolved.fault}`);
  return {
    endpoint: resolved.origin,
    apiKey,
    identifierType: identifier.type,
    updateUsersOnly,
    ...(appId !== undefined && { appId }),
    ...(identifier.type === 'user_alias' && userAliasLabel !== undefined && { userAliasLabel }),
  };
}

function resolveProperty(property: NonNullable<SyncFile['events']>['properties'][number]): SyncProperty {
  const as = outputName(property);
  if (typeof property === 'object' && 'expr' in property) return { kind: 'expression', expr: property.expr, as };
  return { kind: 'reference', from: typeof property === 'string' ? property : property.from, as };
}
