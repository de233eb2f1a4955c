import type { Entry } from '../../core/entry.ts';
import { isRecord, ownValue } from '../../core/event.ts';
import { parseAnswer } from '../http/answer-body.ts';
import type { Reply } from '../http/client.ts';
import { retryAfterMs } from '../http/retry.ts';
import type { Verdict } from '../http/verdict.ts';

/** How long Amplitude asks to leave a throttled user alone: amplitude.com/docs/apis/analytics/http-v2#responses. */
export const throttleMs = 30_000;

export interface ReadingOptions {
  /** The entries of the request, in order. */
  readonly entries: readonly Entry[];
  /** In milliseconds since 1970, for waits that are told as an instant. */
  readonly now: number;
  /** What no word may repeat, whatever Amplitude says. */
  readonly secret: string;
}

/**
 * Reads an answer of `/2/httpapi` or `/batch`. A request that is not answered by 200 was not taken, or may not have
 * been: each event has an `insert_id`, so sending it again makes no second one.
 */
export function readReply(reply: Reply, { entries, now, secret }: ReadingOptions): Verdict {
  if (reply.kind === 'failure') return { kind: 'retry', detail: reply.detail };
  const { status, headers } = reply;
  if (status >= 200 && status < 300) return { kind: 'accepted', refused: new Map() };
  if (status === 408 || status >= 500) return { kind: 'retry', detail: `Amplitude answered ${status}` };

  const answer = parseAnswer(reply.body, secret);
  const words = wordsOf(answer);
  if (status === 429) return readThrottling(answer, entries, retryAfterMs(headers, now) ?? throttleMs);
  if (status === 413) return { kind: 'split', reason: 'too_large', detail: words ?? 'the request is too large' };
  const key = status === 401 || /api[ _]key/i.test(`${words} ${String(ownValue(answer, 'missing_field'))}`);
  if (status === 400 && !key) {
    const refused = refusedOf(answer, entries);
    if (refused.size > 0) return { kind: 'refused', refused };
    return { kind: 'split', reason: 'rejected', detail: words ?? 'Amplitude answered 400 and gave no reason' };
  }
  return { kind: 'hold', key, detail: `Amplitude answered ${status}${words === undefined ? '' : `: ${words}`}` };
}

/**
 * A 429 names the users and devices with too many events lately, who have to wait, and those with too many events for a
 * day, whose events are given up: who waits for tomorrow would hold up everybody who waits with him.
 */
function readThrottling(answer: unknown, entries: readonly Entry[], waitMs: number): Verdict {
  const overQuota = new Map<number, string>();
  const waiting = new Set(indexesIn(ownValue(answer, 'throttled_events'), entries.length));
  const throttled = namesIn(answer, ['throttled_users', 'throttled_devices']);
  const exceeded = namesIn(answer, ['exceeded_daily_quota_users', 'exceeded_daily_quota_devices']);
  // All events of a user wait, or the later ones would be there before.
  const users = new Set([...waiting].map((place) => entries[place]?.user));
  for (const [place, entry] of entries.entries()) {
    const { user } = entry;
    const ids = idsOf(entry);
    if (ids.some((id) => exceeded.has(id))) overQuota.set(place, 'the user or device is over its daily quota');
    else if (users.has(user) || ids.some((id) => throttled.has(id))) waiting.add(place);
  }
  if (overQuota.size > 0) return { kind: 'refused', refused: overQuota };
  if (waiting.size > 0) return { kind: 'throttled', waiting, waitMs };
  return { kind: 'pause', waitMs };
}

/** The events that a 400 names, by why; several reasons may name the same event. */
function refusedOf(answer: unknown, entries: readonly Entry[]): ReadonlyMap<number, string> {
  const refused = new Map<number, string>();
  const refuse = (place: number, words: string): void => {
    const before = refused.get(place);
    refused.set(place, before === undefined ? words : `${before}; ${words}`);
  };
  for (const [field, what] of byField) {
    const fields = ownValue(answer, field);
    if (!isRecord(fields)) continue;
    for (const [name, places] of Object.entries(fields))
      for (const place of indexesIn(places, entries.length)) refuse(place, `${what} ${name}`);
  }
  const silenced = namesIn(answer, ['silenced_devices']);
  const places = new Set(indexesIn(ownValue(answer, 'silenced_events'), entries.length));
  for (const [place, entry] of entries.entries())
    if (places.has(place) || idsOf(entry).some((id) => silenced.has(id))) refuse(place, 'the device is silenced');
  return refused;
}

const byField = [
  ['events_with_missing_fields', 'missing'],
  ['events_with_invalid_fields', 'invalid'],
  ['events_with_invalid_id_lengths', 'too short:'],
] as const;

/** Places of events in the request. */
function indexesIn(value: unknown, length: number): number[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly unknown[]).filter(
    (place): place is number => typeof place === 'number' && Number.isInteger(place) && place >= 0 && place < length,
  );
}

/** Users and devices that the answer names: as the keys of an object, with their rates, or as a list. */
function namesIn(answer: unknown, fields: readonly string[]): ReadonlySet<string> {
  return new Set(
    fields.flatMap((field) => {
      const names = ownValue(answer, field);
      if (Array.isArray(names)) return names.filter((name) => typeof name === 'string');
      return isRecord(names) ? Object.keys(names) : [];
    }),
  );
}

/** An event is of a user and of a device; each may be throttled. */
function idsOf({ json }: Entry): readonly string[] {
  const { user_id: user, device_id: device } = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return [user, device].filter((id) => typeof id === 'string');
}

function wordsOf(answer: unknown): string | undefined {
  const words = ownValue(answer, 'error');
  return typeof words === 'string' && words !== '' ? words : undefined;
}
