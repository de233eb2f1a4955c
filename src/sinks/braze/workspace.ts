import { createHash } from 'node:crypto';
import { HttpClient } from '../http/client.ts';
import { RateLimit, type RateLimitOptions } from '../http/rate-limit.ts';
import type { BrazeConfig } from './config.ts';

/** What all syncs share that send to one Braze workspace: its limits hold for them together. */
export interface Workspace {
  readonly client: HttpClient;
  readonly rateLimit: RateLimit;
}

/** Braze documents no time-outs. Its own SDKs and peers wait up to 30 seconds for an answer. */
const timeouts = { connectTimeoutMs: 5_000, totalTimeoutMs: 30_000 };

/** The workspaces that are sent to, by endpoint and key. */
export class Workspaces {
  readonly #open = new Map<string, Workspace>();

  /** The workspace of a destination. The strictest limit that anybody states holds for all. */
  get({ endpoint, apiKey }: Pick<BrazeConfig, 'endpoint' | 'apiKey'>, limit: RateLimitOptions): Workspace {
    // The key itself is kept nowhere but where it is sent from.
    const id = createHash('sha256').update(`${endpoint}\n${apiKey}`).digest('hex');
    const known = this.#open.get(id);
    if (known !== undefined) {
      known.rateLimit.tighten(limit);
      return known;
    }
    const workspace = { client: new HttpClient({ origin: endpoint, ...timeouts }), rateLimit: new RateLimit(limit) };
    this.#open.set(id, workspace);
    return workspace;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.close()));
    this.#open.clear();
  }
}
