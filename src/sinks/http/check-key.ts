import { HttpClient } from './client.ts';
import type { HttpRequest } from './sender.ts';

/**
 * Whether a destination takes requests with a key; `unknown` if it could not be asked now. Both destinations refuse an
 * empty request once they have taken the key, so whoever has `accepted` it is neither.
 */
export type KeyCheck =
  | { readonly kind: 'taken' }
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' | 'unknown'; readonly words: string };

/** Shorter than for a delivery: somebody waits for it. */
const timeouts = { connectTimeoutMs: 3_000, totalTimeoutMs: 5_000 };

/** Asks a destination whether it takes the key, by a request that changes nothing there. */
export async function checkKey(origin: string, { path, body, headers, read }: HttpRequest): Promise<KeyCheck> {
  const client = new HttpClient({ origin, ...timeouts });
  const reply = await client.post(path, body, headers, new AbortController().signal);
  await client.close();
  const verdict = read(reply);
  switch (verdict.kind) {
    case 'hold':
      return { kind: 'refused', words: verdict.detail };
    case 'retry':
      return { kind: 'unknown', words: verdict.detail };
    case 'pause':
    case 'throttled':
      return { kind: 'unknown', words: 'it answered 429' };
    case 'accepted':
      return { kind: 'accepted' };
    case 'refused':
    case 'split':
      return { kind: 'taken' };
    default:
      return verdict satisfies never;
  }
}
