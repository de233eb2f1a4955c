import { createHash } from 'node:crypto';
import type { Telemetry } from '../../core/telemetry.ts';
import { HttpClient, type HttpClientOptions } from '../http/client.ts';
import { RateLimit, type RateLimitOptions } from '../http/rate-limit.ts';
import type { BrazeConfig } from './config.ts';

/** How long a request may take. */
export type Timeouts = Omit<HttpClientOptions, 'origin'>;

/** Braze documents no time-outs. Its own SDKs and peers wait up to 30 seconds for an answer. */
const defaultTimeouts: Timeouts = { connectTimeoutMs: 5_000, totalTimeoutMs: 30_000 };

/** What all syncs share that send to one Braze workspace: its limits and its refusals hold for them together. */
export class Workspace {
  readonly client: HttpClient;
  readonly rateLimit: RateLimit;
  readonly #senders = new Set<Sender>();
  #refusal: string | null = null;

  constructor(client: HttpClient, rateLimit: RateLimit) {
    this.client = client;
    this.rateLimit = rateLimit;
  }

  /** From now on this sync hears, too, whether Braze takes requests; joining again changes nothing. */
  join(sender: Sender): void {
    this.#senders.add(sender);
    if (this.#refusal !== null) sender.holding(this.#refusal);
  }

  /** This sync hears no more of it. Answers whether nobody is left who sends. */
  leave(sender: Sender): boolean {
    this.#senders.delete(sender);
    return this.#senders.size === 0;
  }

  /** Tells all syncs that Braze refuses every request, and why; null when it takes them. */
  holding(refusal: string | null): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    for (const sender of this.#senders) sender.holding(refusal);
  }
}

type Sender = Pick<Telemetry, 'holding'>;

/** The workspaces that are sent to, by endpoint and key. */
export class Workspaces {
  readonly #open = new Map<string, Workspace>();
  readonly #timeouts: Timeouts;

  constructor(timeouts: Partial<Timeouts> = {}) {
    this.#timeouts = { ...defaultTimeouts, ...timeouts };
  }

  /** The workspace of a destination. All limits that anybody states hold for all. */
  get({ endpoint, apiKey }: Place, limit: RateLimitOptions): Workspace {
    const id = idOf({ endpoint, apiKey });
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

  /** A sync sends there no more. With the last one go the connections, and the limits that were stated. */
  async leave(place: Place, sender: Sender): Promise<void> {
    const id = idOf(place);
    const workspace = this.#open.get(id);
    if (workspace?.leave(sender) !== true) return;
    this.#open.delete(id);
    await workspace.client.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ client }) => client.close()));
    this.#open.clear();
  }
}

type Place = Pick<BrazeConfig, 'endpoint' | 'apiKey'>;

/** The key itself is kept nowhere but where it is sent from. */
function idOf({ endpoint, apiKey }: Place): string {
  return createHash('sha256').update(`${endpoint}\n${apiKey}`).digest('hex');
}
