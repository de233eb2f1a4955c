import { isRecord } from '../../core/event.ts';
import type { Reply } from '../http/client.ts';
import { retryAfterMs } from '../http/retry.ts';

/** What an answer of `/users/track` says to do with the entries of its request. */
export type Verdict =
  /** Braze has them, but for those it refused: by place in the request, in Braze's words. */
  | { readonly kind: 'accepted'; readonly refused: ReadonlyMap<number, string> }
  /** Braze has none of them because of those it refused; the others may be sent again. */
  | { readonly kind: 'refused'; readonly refused: ReadonlyMap<number, string> }
  /** Braze has none of them and does not say because of which: halve, until the culprit is alone. */
  | { readonly kind: 'split'; readonly reason: 'rejected' | 'too_large'; readonly detail: string }
  /** Too many requests: wait as told, or by backoff. */
  | { readonly kind: 'pause'; readonly waitMs: number | undefined }
  /** No request of this sync can succeed until a person mends something. */
  | { readonly kind: 'hold'; readonly detail: string }
  /** No usable answer: whether Braze has them is not known. */
  | { readonly kind: 'retry'; readonly detail: string };

/**
 * Reads an answer: braze.com/docs/api/endpoints/user_data/post_user_track and braze.com/docs/api/errors.
 *
 * @param entries how many entries the request held
 * @param now in milliseconds since 1970, for waits that are told as an instant
 */
export function readReply(reply: Reply, entries: number, now: number): Verdict {
  if (reply.kind === 'failure') return { kind: 'retry', detail: reply.detail };
  const { status, headers, body } = reply;
  // 201 is queued, 202 is queued in maintenance; a body that cannot be read does not make it less accepted.
  if (status >= 200 && status < 300) return { kind: 'accepted', refused: refusedOf(parse(body), entries) };
  if (status === 429) return { kind: 'pause', waitMs: retryAfterMs(headers, now) };
  if (status === 408 || status >= 500) return { kind: 'retry', detail: `Braze answered ${status}` };

  const answer = parse(body);
  const words = wordsOf(answer);
  if (status === 413) return { kind: 'split', reason: 'too_large', detail: words ?? 'the request is too large' };
  if (status === 400) {
    const refused = refusedOf(answer, entries);
    if (refused.size > 0) return { kind: 'refused', refused };
    return { kind: 'split', reason: 'rejected', detail: words ?? 'Braze answered 400 and gave no reason' };
  }
  return { kind: 'hold', detail: `Braze answered ${status}${words === undefined ? '' : `: ${words}`}` };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function wordsOf(answer: unknown): string | undefined {
  const message = isRecord(answer) ? answer['message'] : undefined;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

/** The entries that `errors` names. Several errors may name the same entry. */
function refusedOf(answer: unknown, entries: number): ReadonlyMap<number, string> {
  const refused = new Map<number, string>();
  const errors = isRecord(answer) ? answer['errors'] : undefined;
  if (!Array.isArray(errors)) return refused;
  for (const error of errors as readonly unknown[]) {
    if (!isRecord(error) || error['input_array'] !== 'events') continue;
    const { index, type } = error;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= entries) continue;
    const words = typeof type === 'string' ? type : 'refused by Braze';
    const before = refused.get(index);
    refused.set(index, before === undefined ? words : `${before}; ${words}`);
  }
  return refused;
}
