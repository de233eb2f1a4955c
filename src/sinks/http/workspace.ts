import { createHash } from 'node:crypto';
import type { Telemetry } from '../../core/telemetry.ts';
import { HttpClient, type HttpClientOptions } from './client.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';

/** How long a request may take. */
export type Timeouts = Omit<HttpClientOptions, 'origin'>;

/** Neither Braze nor Amplitude documents time-outs. Their SDKs and peers wait up to 30 seconds for an answer. */
const defaultTimeouts: Timeouts = { connectTimeoutMs: 5_000, totalTimeoutMs: 30_000 };

/**
 * What all syncs share that send to one account, a workspace of Braze or a project of Amplitude: its limits and its
 * refusals hold for them together.
 */
export class Workspace {
  readonly client: HttpClient;
  readonly rateLimit: RateLimit;
  readonly #senders = new Set<Sender>();
  #refusal: string | null = null;

  constructor(client: HttpClient, rateLimit: RateLimit) {
    this.client = client;
    this.rateLimit = rateLimit;
  }

  /** From now on this sync hears, too, whether the destination takes requests; joining again changes nothing. */
  join(sender: Sender): void {
    this.#senders.add(sender);
    if (this.#refusal !== null) sender.holding(this.#refusal);
  }

  /** Tells all syncs that the destination refuses every request, and why; null when it takes them. */
  holding(refusal: string | null): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    for (const sender of this.#senders) sender.holding(refusal);
  }
}

type Sender = Pick<Telemetry, 'holding'>;

/** How an account is told from others. */
export interface Account {
  /** Scheme, host and port. */
  readonly endpoint: string;
  /** A secret. */
  readonly apiKey: string;
}

/** The workspaces that are sent to, by endpoint and key. */
export class Workspaces {
  readonly #open = new Map<string, Workspace>();
  readonly #timeouts: Timeouts;

  constructor(timeouts: Partial<Timeouts> = {}) {
    this.#timeouts = { ...defaultTimeouts, ...timeouts };
  }

  /** The workspace of a destination. All limits that anybody states hold for all. */
  get({ endpoint, apiKey }: Account, limit: RateLimitOptions): Workspace {
    // The key itself is kept nowhere but where it is sent from.
    const id = createHash('sha256').update(`${endpoint}\n${apiKey}`).digest('hex');
    const known = this.#open.get(id);
    if (known !== undefined) {
      known.rateLimit.tighten(limit);
      return known;
    }
    const client = new HttpClient({ origin: endpoint, ...this.#timeouts });
    const workspace = new Workspace(client, new RateLimit(limit));
    this.#open.set(id, workspace);
    return workspace;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.close()));
    this.#open.clear();
  }
}
