import type { DiscardReason, Outcome } from './core/message.ts';
import type { RetryReason, Telemetry } from './core/telemetry.ts';
import { turnNow } from './core/turn-clock.ts';

/** The counts of one sync since it started: `received = delivered + filtered + discarded + returned + in flight`. */
export interface SyncCounts {
  received: number;
  /** Accepted by the destination at the first attempt, and after more than one. */
  deliveredFirst: number;
  deliveredAfterRetry: number;
  filtered: number;
  discarded: Partial<Record<DiscardReason, number>>;
  /** Given back to the stream when the engine stopped. */
  returned: number;
  requests: number;
  /** Objects in all requests that were answered. */
  objects: number;
  /** Objects that the destination accepted. */
  accepted: number;
  /** Updates of users that were made, the attributes in them, and those that were not made since nothing changed. */
  userUpdates: number;
  attributes: number;
  usersUnchanged: number;
  /** Attributes that the destination took: those of updates, without what a later one in the same request replaced. */
  attributesAccepted: number;
  /** Attributes in those updates that were not sent, since Braze had them; and how often it could not say so. */
  attributesConfirmed: number;
  confirmationsFailed: number;
}

/** Where a sync's readings go that are more than a count. */
export interface Observers {
  readonly latency: { observe(seconds: number): void };
  readonly objects: { observe(objects: number): void };
  readonly request: (statusClass: string) => void;
  readonly retry: (reason: RetryReason) => void;
  readonly leftOut: (reason: string) => void;
  readonly valueReport: (why: string) => void;
}

/** Counts what a sync tells about itself. */
export class SyncMetrics implements Telemetry {
  readonly counts: SyncCounts = {
    received: 0,
    deliveredFirst: 0,
    deliveredAfterRetry: 0,
    filtered: 0,
    discarded: {},
    returned: 0,
    requests: 0,
    objects: 0,
    accepted: 0,
    userUpdates: 0,
    attributes: 0,
    usersUnchanged: 0,
    attributesAccepted: 0,
    attributesConfirmed: 0,
    confirmationsFailed: 0,
  };
  /** Why the destination refuses every request at the moment. */
  held: string | null = null;
  /** Whether a dead letter cannot be stored at the moment. */
  lettersBlocked = false;
  /** Why the destination gives no usable answer at the moment. */
  outage: string | null = null;
  /** The ledger of the source that runs. */
  credits: { readonly free: number } | undefined;
  /** How many expressions the sync has, by how they are evaluated. */
  expressions: Readonly<Record<string, number>> = {};
  /** The store of users' states, where the sync has one. */
  states: { readonly hits: number; readonly misses: number; readonly size: number } | undefined;
  /** Messages of the stream that the consumer has not delivered; undefined while the server cannot be asked. */
  pending: number | undefined;
  /** Told when `held` or `outage` changes, and each latency in milliseconds. */
  onHolding: ((reason: string | null) => void) | undefined;
  /** Told the first time that Braze could not be asked, and why. */
  onConfirmationFailed: ((detail: string) => void) | undefined;
  onUnreachable: ((reason: string | null) => void) | undefined;
  onLatency: ((ms: number) => void) | undefined;
  readonly #observers: Observers;

  constructor(observers: Observers) {
    this.#observers = observers;
  }

  get delivered(): number {
    return this.counts.deliveredFirst + this.counts.deliveredAfterRetry;
  }

  get discarded(): number {
    return Object.values(this.counts.discarded).reduce((sum, count) => sum + count, 0);
  }

  /** Events that are received and not settled. */
  get inFlight(): number {
    const { received, filtered, returned } = this.counts;
    return received - this.delivered - filtered - this.discarded - returned;
  }

  received(events: number): void {
    this.counts.received += events;
  }

  settled(outcome: Outcome, storedAt: number): void {
    const { counts } = this;
    switch (outcome.kind) {
      case 'delivered': {
        if (outcome.attempts === 1) counts.deliveredFirst++;
        else counts.deliveredAfterRetry++;
        const ms = Math.max(0, turnNow() - storedAt);
        this.#observers.latency.observe(ms / 1_000);
        this.onLatency?.(ms);
        break;
      }
      case 'filtered':
        counts.filtered++;
        break;
      case 'discarded':
        counts.discarded[outcome.reason] = (counts.discarded[outcome.reason] ?? 0) + 1;
        break;
      case 'returned':
        counts.returned++;
        break;
    }
  }

  answered(status: number | 'failed', objects: number, accepted: number): void {
    this.counts.requests++;
    this.counts.objects += objects;
    this.counts.accepted += accepted;
    this.#observers.objects.observe(objects);
    this.#observers.request(status === 'failed' ? status : `${Math.floor(status / 100)}xx`);
  }

  retried(reason: RetryReason): void {
    this.#observers.retry(reason);
  }

  holding(reason: string | null): void {
    if (reason === this.held) return;
    this.held = reason;
    this.onHolding?.(reason);
  }

  unreachable(reason: string | null): void {
    const changed = (reason === null) !== (this.outage === null);
    this.outage = reason;
    if (changed) this.onUnreachable?.(reason);
  }

  /** The sync runs no more: what it counted stays, and what is so at the moment is no longer. */
  ended(): void {
    this.held = null;
    this.outage = null;
    this.credits = undefined;
    this.pending = undefined;
  }

  userUpdated(attributes: number): void {
    this.counts.userUpdates++;
    this.counts.attributes += attributes;
  }

  attributesAccepted(attributes: number): void {
    this.counts.attributesAccepted += attributes;
  }

  attributesConfirmed(attributes: number): void {
    this.counts.attributesConfirmed += attributes;
  }

  confirmationFailed(detail: string): void {
    this.counts.confirmationsFailed++;
    if (this.counts.confirmationsFailed === 1) this.onConfirmationFailed?.(detail);
  }

  userUnchanged(): void {
    this.counts.usersUnchanged++;
  }

  valueReported(why: string): void {
    this.#observers.valueReport(why);
  }

  propertyLeftOut(reason: string): void {
    this.#observers.leftOut(reason);
  }
}
