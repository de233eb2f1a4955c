import type { CurrentsOptions } from './currents/options.ts';
import type { ErrorStyle } from './object-errors.ts';
import type { Milliseconds } from './random.ts';
import type { TrackRequest } from './request.ts';

/**
 * How many objects a request may hold
 * (https://www.braze.com/docs/api/api_limits): 75 of all kinds together for most customers, 75 of each kind for those
 * with the legacy limit, and 50 together under the contracts of 2024–25.
 */
export type ObjectLimit = 'combined75' | 'perArray75' | 'combined50';

/**
 * What the rate-limit headers say: `epoch` as https://www.braze.com/docs/api/api_limits has it, `mau` as
 * https://www.braze.com/docs/api/endpoints/user_data/post_user_track has it for contracts by monthly active users.
 */
export type HeaderModel = 'epoch' | 'mau';

/** What may change while the simulator runs. */
export interface SimulatorSettings {
  readonly objectLimit: ObjectLimit;
  readonly headerModel: HeaderModel;
  /** The most requests in any stretch of `perMs`; null for no such limit. */
  readonly burst: { readonly requests: number; readonly perMs: number } | null;
  /** The most requests in a clock hour; null for no such limit. */
  readonly hourly: number | null;
  /** The most exports in a clock minute; null for no such limit. */
  readonly exportsPerMinute: number | null;
  /** A 429 that is no JSON, as a proxy in front of Braze may send it. */
  readonly plainText429: boolean;
  /** Also send `Retry-After` with a 429, which Braze does not document. */
  readonly retryAfter: boolean;
  readonly maxBodyBytes: number;
  /** The status for a body above `maxBodyBytes`: the docs say that it depends on the endpoint. */
  readonly tooLargeStatus: 413 | 400;
  /** The apps that `app_id` may name; null for anything. */
  readonly apps: readonly string[] | null;
  /** The `external_id`s that are refused. */
  readonly blockedExternalIds: readonly string[];
  readonly errorStyle: ErrorStyle;
  /** Name each bad object twice, as a code and as a sentence. */
  readonly repeatErrors: boolean;
  /** How long after acceptance objects are applied to profiles. */
  readonly applyDelayMs: Milliseconds;
  /**
   * The order in which requests are applied: as they were accepted; with requests that were in flight at the same
   * time in any order (`overlapping`); or as the delays fall (`any`), which is all that Braze promises.
   */
  readonly applicationOrder: 'accepted' | 'overlapping' | 'any';
  /** How long a request waits for its response. */
  readonly latencyMs: Milliseconds | ((request: TrackRequest) => number);
  /**
   * Whether an event or purchase with `_update_existing_only: false` makes the profile of an unknown alias. The docs
   * say both (https://www.braze.com/docs/api/objects_filters/event_object).
   */
  readonly aliasEvents: 'create' | 'update-only';
  /** The first value of an attribute fixes its type; a later one that does not fit is converted or ignored. */
  readonly fixedAttributeTypes: boolean;
}

/** A key and what it may do. */
export interface ApiKey {
  readonly key: string;
  /** Such as `users.track`. */
  readonly permissions: readonly string[];
}

/** How much the simulator remembers: what is older is forgotten, and only the counts still know of it. */
export interface Keeping {
  readonly requests: number;
  /** Events and purchases, each. */
  readonly events: number;
  /** When there are more, the one that was touched least recently goes, with its events. */
  readonly profiles: number;
}

export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly keys?: readonly ApiKey[];
  /** For the random delays and latencies. */
  readonly seed?: number;
  /** `counts` keeps no requests, events or profiles, for load tests. */
  readonly keep?: 'all' | 'counts';
  readonly keeping?: Partial<Keeping>;
  /** Tell of what is accepted, as Braze Currents does. */
  readonly currents?: CurrentsOptions;
  /** Keep the bodies of requests, too. */
  readonly keepBodies?: boolean;
}

export const defaultSettings: SimulatorSettings = {
  objectLimit: 'combined75',
  headerModel: 'epoch',
  burst: { requests: 3000, perMs: 3000 },
  hourly: null,
  exportsPerMinute: 250,
  plainText429: false,
  retryAfter: false,
  maxBodyBytes: 4 * 1024 * 1024,
  tooLargeStatus: 413,
  apps: null,
  blockedExternalIds: [],
  errorStyle: 'symbolic',
  repeatErrors: false,
  applyDelayMs: [10, 100],
  applicationOrder: 'accepted',
  latencyMs: 0,
  aliasEvents: 'create',
  fixedAttributeTypes: false,
};

export const defaultKeys: readonly ApiKey[] = [{ key: 'braze-simulator-key', permissions: ['users.track'] }];

export const defaultKeeping: Keeping = { requests: 10_000, events: 100_000, profiles: 100_000 };
