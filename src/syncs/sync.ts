import { resolveAmplitude } from '../sinks/amplitude/config.ts';
import { resolveEndpoint } from '../sinks/braze/endpoint.ts';
import type { Destination } from '../sinks/index.ts';
import { outputName } from './events.ts';
import type { AmplitudeSyncFile, BrazeSyncFile, SyncFile } from './schema.ts';

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
  readonly destination: Destination;
  /** The property that says whose an event is, such as `user_properties.crm_id`. Amplitude's is always the same. */
  readonly identifier: { readonly property: string };
  readonly events: {
    readonly send: boolean;
    /** The alternatives, of which one has to select an event. The event `*` stands for all. */
    readonly select: readonly { readonly event: string; readonly where?: string }[];
    /** A JSONata condition. */
    readonly filter?: string;
    readonly properties: readonly SyncProperty[];
    /** What becomes of events that the destination had before. */
    readonly echoes: 'drop' | 'send';
  };
  readonly users: Readonly<NonNullable<BrazeSyncFile['users']>>;
  readonly batch: Readonly<SyncFile['batch']>;
  readonly delivery: Readonly<SyncFile['delivery']>;
}

/** A sync whose destination is Braze. */
export type BrazeSync = Sync & { readonly destination: Extract<Destination, { type: 'braze' }> };

/** A property of the events that are sent, and the name it is sent under. */
export type SyncProperty =
  | { readonly kind: 'all' }
  | { readonly kind: 'reference'; readonly from: string; readonly as: string }
  | { readonly kind: 'expression'; readonly expr: string; readonly as: string };

/**
 * The sync that a checked rule file describes.
 *
 * @param filter the text of `events.filter`, read from its file if it names one
 */
export function resolveSync(file: string, rule: BrazeSyncFile, filter: string | undefined): BrazeSync;
export function resolveSync(file: string, rule: SyncFile, filter: string | undefined): Sync;
export function resolveSync(file: string, rule: SyncFile, filter: string | undefined): Sync {
  const { name, enabled, source, events, batch, delivery } = rule;
  return {
    file,
    name,
    enabled,
    source: {
      ...source,
      start: source.start === 'new' || source.start === 'all' ? source.start : new Date(source.start),
    },
    ...('identifier' in rule ? toBraze(rule) : toAmplitude(rule)),
    events: {
      send: events?.send ?? false,
      select: (events?.select ?? []).map((row) => (typeof row === 'string' ? { event: row } : row)),
      ...(filter !== undefined && { filter }),
      properties: (events?.properties ?? []).map(resolveProperty),
      echoes: events?.echoes ?? 'drop',
    },
    batch,
    delivery,
  };
}

type Addressed = Pick<Sync, 'destination' | 'identifier' | 'users'>;

const noUsers: Sync['users'] = { send: false, properties: [], content: 'changed', afterCrash: 'resend' };

function toBraze({ destination, identifier, users = noUsers }: BrazeSyncFile): Addressed {
  const { type, endpoint, apiKey, appId, userAliasLabel, updateUsersOnly } = destination;
  const resolved = resolveEndpoint(endpoint);
  if ('fault' in resolved) throw new RangeError(`the endpoint ${resolved.fault}`);
  return {
    destination: {
      type,
      endpoint: resolved.origin,
      apiKey,
      identifierType: identifier.type,
      updateUsersOnly,
      ...(appId !== undefined && { appId }),
      ...(identifier.type === 'user_alias' && userAliasLabel !== undefined && { userAliasLabel }),
    },
    identifier: { property: identifier.property },
    users,
  };
}

function toAmplitude({ destination }: AmplitudeSyncFile): Addressed {
  return {
    destination: { type: destination.type, ...resolveAmplitude(destination) },
    identifier: { property: 'user.external_user_id' },
    users: noUsers,
  };
}

function resolveProperty(property: NonNullable<SyncFile['events']>['properties'][number]): SyncProperty {
  if (property === '*') return { kind: 'all' };
  const as = outputName(property);
  if (typeof property === 'object' && 'expr' in property) return { kind: 'expression', expr: property.expr, as };
  return { kind: 'reference', from: typeof property === 'string' ? property : property.from, as };
}
