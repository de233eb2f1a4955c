/** The data of one Amplitude project, and what a request does to it. */
import { createHash } from 'node:crypto';
import { type Answer, jsonAnswer } from '../answers.ts';
import { isObject, type JsonObject } from '../json.ts';
import { Recent } from '../recent.ts';
import { eventFaults } from './event-faults.ts';
import { type AmplitudeOptions, type AmplitudeSettings, defaultAmplitudeSettings } from './options.ts';
import { invalid, invalidEvents, invalidKey, tooLarge, tooMany } from './refusals.ts';
import { type Owner, ownersOf, Throttle } from './throttle.ts';
import { truncated } from './truncate.ts';
import type { Api, Upload } from './upload.ts';

export const defaultAmplitudeKey = 'amplitude-simulator-key';

/** An event that Amplitude has. */
export interface StoredEvent {
  /** As it was sent, with texts cut to fit. */
  readonly event: JsonObject;
  /** The index of its request. */
  readonly request: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

/** Sums over everything since the start, or since the last reset. */
export interface AmplitudeCounts {
  requests: number;
  /** By the status that was sent; `none` for those that never got an answer. */
  byStatus: Record<string, number>;
  /** Events that were stored: each once. */
  stored: number;
  /** Events that were taken and ignored, since they were there. */
  duplicates: number;
  /** Texts that were cut. */
  truncations: number;
}

const aDayMs = 86_400_000;

export class Project {
  settings: AmplitudeSettings;
  counts: AmplitudeCounts = noCounts();
  readonly #keys: ReadonlySet<unknown>;
  readonly #revoked = new Set<unknown>();
  readonly #throttle = new Throttle();
  readonly #stored: Recent<StoredEvent>;
  /** When an event was stored, by device and `insert_id`. */
  readonly #insertIds = new Map<string, number>();
  #requestTimes: number[] = [];

  constructor(options: AmplitudeOptions) {
    this.settings = { ...defaultAmplitudeSettings, ...options };
    this.#keys = new Set(options.keys ?? [defaultAmplitudeKey]);
    this.#stored = new Recent(options.keptEvents ?? 1_000_000);
  }

  /** Judges a request step by step; the first step that fails makes the answer, and nothing is stored then. */
  process(upload: Upload): Answer {
    const { body, events, api, unreadable } = upload;
    if (unreadable === 'too large') return tooLarge();
    if (upload.bytes === 0) return invalid('Missing request body');
    if (unreadable !== undefined || !isObject(body)) return invalid('Invalid JSON request body');
    const key = body['api_key'];
    if (key === undefined) return invalid('Request missing required field', { missing_field: 'api_key' });
    if (!this.#keys.has(key) || this.#revoked.has(key)) return invalidKey(key);
    if (!Array.isArray(body['events']) || events.length === 0)
      return invalid('Request missing required field', { missing_field: 'events' });
    if (events.length > this.settings.maxEvents) return tooLarge();
    if (this.#isBusy(upload.receivedAt)) return tooMany();

    const faults = events.map((event) => eventFaults(event, this.#minIdLength(body)));
    if (faults.some((ofEvent) => ofEvent.length > 0)) return invalidEvents(faults, api === 'httpapi');
    return this.#refuseOwners(events as readonly JsonObject[], upload) ?? this.#store(events as JsonObject[], upload);
  }

  /** In the order in which they were stored. */
  events(): readonly StoredEvent[] {
    return this.#stored.toArray();
  }

  /** Makes all keys unknown, or known again. */
  revoke(revoked: boolean): void {
    this.#revoked.clear();
    if (revoked) for (const key of this.#keys) this.#revoked.add(key);
  }

  clear(): void {
    this.counts = noCounts();
    this.#stored.clear();
    this.#insertIds.clear();
    this.#throttle.clear();
    this.#requestTimes = [];
  }

  #minIdLength({ options }: JsonObject): number {
    const asked = isObject(options) ? options['min_id_length'] : undefined;
    return typeof asked === 'number' && asked >= 1 ? asked : this.settings.minIdLength;
  }

  #isBusy(now: number): boolean {
    const { requestsPerSecond } = this.settings;
    if (requestsPerSecond === null) return false;
    this.#requestTimes = this.#requestTimes.filter((at) => at > now - 1_000);
    if (this.#requestTimes.length >= requestsPerSecond) return true;
    this.#requestTimes.push(now);
    return false;
  }

  /** The answer to a request that holds events of those who are silenced, throttled or over their quota, if it does. */
  #refuseOwners(events: readonly JsonObject[], upload: Upload): Answer | undefined {
    const { silencedDevices } = this.settings;
    const silenced = indexesOf(events, ({ kind, id }) => kind === 'device' && silencedDevices.includes(id));
    if (silenced.length > 0) {
      const devices = silencedDevices.filter((id) => events.some((event) => event['device_id'] === id));
      return invalid('Devices are silenced', { silenced_devices: devices, silenced_events: silenced });
    }
    const asked = new Map<string, Owner & { events: number }>();
    for (const owner of events.flatMap(ownersOf)) {
      const known = asked.get(`${owner.kind} ${owner.id}`);
      if (known === undefined) asked.set(`${owner.kind} ${owner.id}`, { ...owner, events: 1 });
      else known.events++;
    }
    const refusal = this.#refuseThrottled([...asked.values()], events, upload);
    if (refusal !== undefined) return refusal;
    for (const owner of asked.values()) this.#throttle.take(owner, owner.events, aDayMs, upload.receivedAt);
    return undefined;
  }

  #refuseThrottled(
    asked: readonly (Owner & { readonly events: number })[],
    events: readonly JsonObject[],
    { api, receivedAt: now }: Upload,
  ): Answer | undefined {
    const { throttle, dailyQuota } = this.settings;
    const over = (limit: number, windowMs: number): (Owner & { events: number })[] =>
      asked.filter((owner) => this.#throttle.recent(owner, windowMs, now) + owner.events > limit);
    const exceeded = dailyQuota === null ? [] : over(dailyQuota, aDayMs);
    const window = throttle?.[api];
    const throttled =
      window === undefined ? [] : over((window.eventsPerSecond * window.windowMs) / 1_000, window.windowMs);
    if (exceeded.length === 0 && throttled.length === 0) return undefined;
    const rates = (owners: typeof throttled, kind: Owner['kind'], seconds: number): Record<string, number> =>
      Object.fromEntries(owners.filter((owner) => owner.kind === kind).map(({ id, events: n }) => [id, n / seconds]));
    const seconds = (window?.windowMs ?? 1_000) / 1_000;
    const isThrottled = ({ kind, id }: Owner): boolean => throttled.some((one) => one.kind === kind && one.id === id);
    return tooMany({
      eps_threshold: window?.eventsPerSecond ?? 0,
      throttled_users: rates(throttled, 'user', seconds),
      throttled_devices: rates(throttled, 'device', seconds),
      throttled_events: indexesOf(events, isThrottled),
      exceeded_daily_quota_users: rates(exceeded, 'user', 1),
      exceeded_daily_quota_devices: rates(exceeded, 'device', 1),
    });
  }

  #store(events: readonly JsonObject[], { index: request, bytes, receivedAt }: Upload): Answer {
    for (const event of events) {
      const key = insertKeyOf(event);
      const before = key === undefined ? undefined : this.#insertIds.get(key);
      if (before !== undefined && receivedAt - before < this.settings.deduplicateMs) {
        this.counts.duplicates++;
        continue;
      }
      if (key !== undefined) this.#insertIds.set(key, receivedAt);
      this.counts.stored++;
      const cut = truncated(event, () => this.counts.truncations++);
      this.#stored.push({ event: cut as JsonObject, request, storedAt: receivedAt });
    }
    return jsonAnswer(200, {
      code: 200,
      events_ingested: events.length,
      payload_size_bytes: bytes,
      server_upload_time: receivedAt,
    });
  }
}

export function pathOf(api: Api): string {
  return api === 'batch' ? '/batch' : '/2/httpapi';
}

function noCounts(): AmplitudeCounts {
  return { requests: 0, byStatus: {}, stored: 0, duplicates: 0, truncations: 0 };
}

function indexesOf(events: readonly JsonObject[], matches: (owner: Owner) => boolean): number[] {
  return events.flatMap((event, index) => (ownersOf(event).some(matches) ? [index] : []));
}

/** An event without a device is taken to be of one that its user's id stands for. */
function insertKeyOf({ insert_id: id, device_id: device, user_id: user }: JsonObject): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  const of = typeof device === 'string' ? device : createHash('sha256').update(String(user)).digest('hex');
  return `${of} ${id}`;
}
