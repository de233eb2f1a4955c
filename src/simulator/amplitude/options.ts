import type { Milliseconds } from '../random.ts';

/** What may change while the simulator runs. */
export interface AmplitudeSettings {
  /**
   * The most events a second of a user, and of a device, on average over the window: 30 for HTTP V2, 1,000 over 30 s for
   * Batch (https://amplitude.com/docs/apis/analytics/batch-event-upload). Null for no such limit.
   */
  readonly throttle: {
    readonly httpapi: { readonly eventsPerSecond: number; readonly windowMs: number };
    readonly batch: { readonly eventsPerSecond: number; readonly windowMs: number };
  } | null;
  /** The most events of a user, and of a device, in 24 hours; null for no such limit. */
  readonly dailyQuota: number | null;
  /** The most requests in a second; null for no such limit. */
  readonly requestsPerSecond: number | null;
  /** The most events in a request. */
  readonly maxEvents: number;
  readonly maxBodyBytes: { readonly httpapi: number; readonly batch: number };
  /** The length that ids need unless `options.min_id_length` says otherwise. */
  readonly minIdLength: number;
  /** Devices that are silenced. */
  readonly silencedDevices: readonly string[];
  /** For how long an `insert_id` is remembered: https://amplitude.com/docs/apis/analytics/http-v2#event-deduplication. */
  readonly deduplicateMs: number;
  /** How long a request waits for its response. */
  readonly latencyMs: Milliseconds;
}

export interface AmplitudeOptions extends Partial<AmplitudeSettings> {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** The API keys of the projects that there are; all of them see the same events. */
  readonly keys?: readonly string[];
  /** For the random latencies. */
  readonly seed?: number;
  /** How many events are kept to be looked at; the counts know of all. */
  readonly keptEvents?: number;
}

export const defaultAmplitudeSettings: AmplitudeSettings = {
  throttle: {
    httpapi: { eventsPerSecond: 30, windowMs: 10_000 },
    batch: { eventsPerSecond: 1_000, windowMs: 30_000 },
  },
  dailyQuota: 500_000,
  requestsPerSecond: null,
  maxEvents: 2_000,
  maxBodyBytes: { httpapi: 1_000_000, batch: 20_000_000 },
  minIdLength: 5,
  silencedDevices: [],
  deduplicateMs: 7 * 86_400_000,
  latencyMs: 0,
};
