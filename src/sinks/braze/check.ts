import { HttpClient } from '../http/client.ts';
import type { BrazeConfig } from './config.ts';
import { readReply } from './response.ts';

/** Whether Braze takes requests with a key; `unknown` if it could not be asked now. */
export type KeyCheck = { readonly kind: 'taken' } | { readonly kind: 'refused' | 'unknown'; readonly words: string };

/** Shorter than for a delivery: somebody waits for it. */
const timeouts = { connectTimeoutMs: 3_000, totalTimeoutMs: 5_000 };

/**
 * Asks Braze whether it takes the key, by a request that holds nothing. Braze looks at the key first and then refuses
 * the empty request with 400 (braze.com/docs/api/errors), so that nothing changes there; it counts as one request.
 */
export async function checkKey({ endpoint, apiKey }: Pick<BrazeConfig, 'endpoint' | 'apiKey'>): Promise<KeyCheck> {
  const client = new HttpClient({ origin: endpoint, ...timeouts });
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const reply = await client.post('/users/track', '{}', headers, new AbortController().signal);
  await client.close();
  const verdict = readReply(reply, { places: { attributes: [], events: [] }, now: Date.now(), secret: apiKey });
  switch (verdict.kind) {
    case 'hold':
      return { kind: 'refused', words: verdict.detail };
    case 'retry':
      return { kind: 'unknown', words: verdict.detail };
    case 'pause':
      return { kind: 'unknown', words: 'Braze answered 429' };
    case 'accepted':
    case 'refused':
    case 'split':
      return { kind: 'taken' };
    default:
      return verdict satisfies never;
  }
}
