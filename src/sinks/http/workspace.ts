import { createHash } from 'node:crypto';
import type { Telemetry } from '../../core/telemetry.ts';
import { Circuit } from './circuit.ts';
import { HttpClient, type HttpClientOptions } from './client.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';
import type { Pacing } from './pacing.ts';
import type { Verdict } from './verdict.ts';

/** How long a request may take. */
export type Timeouts = Omit<HttpClientOptions, 'origin'>;

/** Neither Braze nor Amplitude documents time-outs. Their SDKs and peers wait up to 30 seconds for an answer. */
const defaultTimeouts: Timeouts = { connectTimeoutMs: 5_000, totalTimeoutMs: 30_000 };

/** So many requests in a row may fail before the workspace is taken to be out of order: Braze drops one now and then. */
const toleratedFailures = 5;

/** A request that was answered, or was not. */
export interface Sent {
  /** When it left, on the clock of `performance.now()`. */
  readonly leftAt: number;
  /** How long to wait if nobody says how long. */
  readonly delayMs: number;
  readonly pacing: Pacing;
}

/**
 * What all syncs share that send to one account, a workspace of Braze or a project of Amplitude: its limits, its refusals
 * and its outages hold for them together.
 */
export class Workspace {
  readonly client: HttpClient;
  readonly rateLimit: RateLimit;
  readonly #senders = new Set<Sender>();
  readonly #refusals = new Circuit(0);
  readonly #outage = new Circuit(toleratedFailures);
  #refusal: string | null = null;
  #trouble: string | null = null;
  #acceptedAt = -Infinity;

  constructor(client: HttpClient, rateLimit: RateLimit) {
    this.client = client;
    this.rateLimit = rateLimit;
  }

  /** When the latest of the requests left that were accepted, on the clock of `performance.now()`. */
  get acceptedAt(): number {
    return this.#acceptedAt;
  }

  /** From now on this sync hears, too, whether the destination takes requests; joining again changes nothing. */
  join(sender: Sender): void {
    this.#senders.add(sender);
    if (this.#refusal !== null) sender.holding(this.#refusal);
    if (this.#trouble !== null) sender.unreachable(this.#trouble);
  }

  /** This sync hears no more of it. Answers whether nobody is left who sends. */
  leave(sender: Sender): boolean {
    this.#senders.delete(sender);
    return this.#senders.size === 0;
  }

  /**
   * Does what an answer asks of everybody. What all have to wait for stops all, but for one that goes on asking. The
   * fate of a request that left before that is old news.
   */
  heed(verdict: Verdict, sent: Sent): void {
    switch (verdict.kind) {
      case 'retry':
        // No answer, or none of the destination's own, leaves open whether the key is good.
        this.#failed(verdict.detail, sent);
        break;
      case 'hold':
        if (this.#outage.answered(sent.leftAt)) this.#tellUnreachable(null);
        this.#refused(verdict.detail, sent);
        break;
      case 'pause':
        this.#answered(sent);
        this.rateLimit.slowDown(sent.leftAt);
        // A pause of no length, as when two clocks differ, would let everybody ask without end.
        this.rateLimit.pause(Math.min(verdict.waitMs || sent.delayMs, sent.pacing.maxPauseMs));
        break;
      case 'accepted':
        this.#acceptedAt = Math.max(this.#acceptedAt, sent.leftAt);
        this.rateLimit.admitted();
        if (this.#answered(sent)) this.rateLimit.resume();
        break;
      case 'refused':
      case 'split':
      case 'throttled':
        this.rateLimit.admitted();
        if (this.#answered(sent)) this.rateLimit.resume();
        break;
    }
  }

  #failed(detail: string, { leftAt, delayMs, pacing }: Sent): void {
    const pauseMs = this.#outage.failed(leftAt, performance.now(), pacing.backoff);
    if (pauseMs !== undefined) {
      this.#tellUnreachable(detail);
      this.rateLimit.pause(pauseMs);
    } else this.rateLimit.retreat(delayMs);
  }

  #refused(detail: string, { leftAt, pacing }: Sent): void {
    const backoff = { firstMs: Math.min(pacing.backoff.firstMs, pacing.holdMs), maxMs: pacing.holdMs };
    const pauseMs = this.#refusals.failed(leftAt, performance.now(), backoff);
    if (pauseMs === undefined) return;
    this.#tellHolding(detail);
    this.rateLimit.pause(pauseMs);
  }

  /** Answers whether this is news. */
  #answered({ leftAt }: Sent): boolean {
    const reachable = this.#outage.answered(leftAt);
    const taken = this.#refusals.answered(leftAt);
    if (reachable) this.#tellUnreachable(null);
    if (taken) this.#tellHolding(null);
    return reachable && taken;
  }

  #tellHolding(refusal: string | null): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    for (const sender of this.#senders) sender.holding(refusal);
  }

  #tellUnreachable(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    for (const sender of this.#senders) sender.unreachable(trouble);
  }
}

type Sender = Pick<Telemetry, 'holding' | 'unreachable'>;

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

/** How an account is told from others. */
export interface Place {
  /** Scheme, host and port. */
  readonly endpoint: string;
  /** A secret. */
  readonly apiKey: string;
}

/** The key itself is kept nowhere but where it is sent from. */
function idOf({ endpoint, apiKey }: Place): string {
  return createHash('sha256').update(`${endpoint}\n${apiKey}`).digest('hex');
}
