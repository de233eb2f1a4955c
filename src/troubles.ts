import type { Log } from './log.ts';
import type { SyncMetrics } from './sync-metrics.ts';

/** What can keep a sync from delivering, besides its destination. */
export type Failing = 'pipeline' | 'stream' | 'states' | 'letters';

/** Why a sync delivers nothing, and what the log is told of it: once when trouble begins, and once when it is over. */
export class Troubles {
  readonly #destination: string;
  readonly #metrics: SyncMetrics;
  readonly #log: Log;
  readonly #reasons = new Map<Failing, string>();

  /** @param destination what people call it */
  constructor(destination: string, metrics: SyncMetrics, log: Log) {
    this.#destination = destination;
    this.#metrics = metrics;
    this.#log = log;
    metrics.onHolding = (reason) => this.#sayHolding(reason);
    metrics.onUnreachable = (reason) => this.#sayUnreachable(reason);
    metrics.onConfirmationFailed = (detail) => this.#sayUnconfirmed(detail);
  }

  /** The first of them; null if all is well. */
  get first(): string | null {
    const [reason = this.#metrics.held ?? this.#metrics.outage] = this.#reasons.values();
    return reason;
  }

  /** The pipeline broke. */
  broken(reason: string): void {
    this.#reasons.set('pipeline', reason);
  }

  /** Another pipeline starts: what troubled the one before is over with it. */
  startedAgain(): void {
    this.#reasons.clear();
    this.#metrics.lettersBlocked = false;
  }

  /** NATS does not do as it should; null once it does. */
  nats(failing: Exclude<Failing, 'pipeline'>, reason: string | null): void {
    if (reason === (this.#reasons.get(failing) ?? null)) return;
    if (failing === 'letters') this.#metrics.lettersBlocked = reason !== null;
    if (reason === null) {
      this.#reasons.delete(failing);
      this.#log.info('NATS answers again.');
      return;
    }
    this.#reasons.set(failing, reason);
    if (failing === 'letters')
      this.#log.error(
        { trouble: reason },
        'Its event is neither acked nor lost, and is kept until the letter is stored; too many of them bring the sync to a stand.',
      );
    else
      this.#log.warn(
        { trouble: reason },
        'NATS does not answer as it should; the sync waits, loses nothing, and goes on as soon as it can.',
      );
  }

  #sayHolding(reason: string | null): void {
    if (reason === null) this.#log.info(`${this.#destination} accepts requests again.`);
    else
      this.#log.error(
        { reason },
        `${this.#destination} refuses all requests of this sync. It waits, and drops nothing; mend what ${this.#destination} says.`,
      );
  }

  #sayUnreachable(reason: string | null): void {
    if (reason === null) this.#log.info(`${this.#destination} answers again.`);
    else
      this.#log.warn(
        { reason },
        `${this.#destination} gives no usable answer. One request at a time asks whether it is back; nothing is lost meanwhile.`,
      );
  }

  #sayUnconfirmed(detail: string): void {
    this.#log.warn(
      { detail },
      `${this.#destination} could not be asked which updates it has from before a crash; they are sent again. Give the ` +
        'key the permission users.export.ids, or set users.afterCrash to resend.',
    );
  }
}
