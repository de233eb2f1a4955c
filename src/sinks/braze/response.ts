import { isRecord } from '../../core/event.ts';
import { parseAnswer } from '../http/answer-body.ts';
import type { Reply } from '../http/client.ts';
import { retryAfterMs } from '../http/retry.ts';
import type { Verdict } from '../http/verdict.ts';
import type { Places } from './body.ts';

export interface ReadingOptions {
  /** Which entries the objects of the request stand for; asked only if one is refused. */
  readonly places: () => Places;
  /** In milliseconds since 1970, for waits that are told as an instant. */
  readonly now: number;
  /** What no word may repeat, whatever Braze says: a 401 repeats the key that was sent. */
  readonly secret: string;
}

/**
 * Reads an answer: braze.com/docs/api/endpoints/user_data/post_user_track and braze.com/docs/api/errors.
 */
export function readReply(reply: Reply, { places, now, secret }: ReadingOptions): Verdict {
  if (reply.kind === 'failure') return { kind: 'retry', detail: reply.detail };
  const { status, headers, body } = reply;
  // 201 is queued, 202 is queued in maintenance; a body that cannot be read does not make it less accepted.
  if (status >= 200 && status < 300) return { kind: 'accepted', refused: refusedOf(parseAnswer(body, secret), places) };
  if (status === 429) return { kind: 'pause', waitMs: retryAfterMs(headers, now) };
  if (status === 408 || status >= 500) return { kind: 'retry', detail: `Braze answered ${status}` };

  const answer = parseAnswer(body, secret);
  const words = wordsOf(answer);
  if (status === 413) return { kind: 'split', reason: 'too_large', detail: words ?? 'the request is too large' };
  if (status === 400) {
    const refused = refusedOf(answer, places);
    if (refused.size > 0) return { kind: 'refused', refused };
    return { kind: 'split', reason: 'rejected', detail: words ?? 'Braze answered 400 and gave no reason' };
  }
  const detail = `Braze answered ${status}${words === undefined ? '' : `: ${words}`}`;
  return { kind: 'hold', key: status === 401, detail };
}

function wordsOf(answer: unknown): string | undefined {
  const message = isRecord(answer) ? answer['message'] : undefined;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

/**
 * The entries that `errors` names. Several errors may name the same entry. Sluice sends no purchases: Braze's page on
 * recommended events shows a refused `ecommerce.*` event as one of `purchases`
 * (braze.com/docs/user_guide/data/activation/events/recommended_events).
 */
function refusedOf(answer: unknown, placesOf: () => Places): ReadonlyMap<number, string> {
  const refused = new Map<number, string>();
  const errors = isRecord(answer) ? answer['errors'] : undefined;
  if (!Array.isArray(errors)) return refused;
  const places = placesOf();
  for (const error of errors as readonly unknown[]) {
    if (!isRecord(error)) continue;
    const { index, type, input_array: array } = error;
    const objects = array === 'attributes' ? places.attributes : places.events;
    if (array !== 'attributes' && array !== 'events' && array !== 'purchases') continue;
    if (typeof index !== 'number') continue;
    const words = typeof type === 'string' ? type : 'refused by Braze';
    for (const entry of objects[index] ?? []) {
      const before = refused.get(entry);
      refused.set(entry, before === undefined ? words : `${before}; ${words}`);
    }
  }
  return refused;
}
