import { Observable } from 'rxjs';
import type { Message, Outcome } from '../core/message.ts';
import type { Source } from '../core/source.ts';

/** What became of one event of a memory source. */
export interface RecordedOutcome {
  readonly outcome: Outcome;
  /** Which payload held the event, and which event of it this is; both from zero. */
  readonly message: number;
  readonly event: number;
}

/** Payloads at hand as a source, which keeps what became of their events: for dry runs, tests and benchmarks. */
export class MemorySource implements Source {
  readonly #payloads: readonly Uint8Array[];
  readonly #storedAt: number;
  /** By payload and event. */
  readonly #outcomes: Outcome[][];
  #open: number;
  readonly #settled = Promise.withResolvers<void>();

  /** @param storedAt when the payloads are taken to have been stored, in milliseconds since 1970 */
  constructor(payloads: readonly Uint8Array[], storedAt: number) {
    this.#payloads = payloads;
    this.#storedAt = storedAt;
    this.#outcomes = payloads.map(() => []);
    this.#open = payloads.length;
    if (this.#open === 0) this.#settled.resolve();
  }

  /** What became of the events so far, in the order in which they came. */
  get outcomes(): readonly RecordedOutcome[] {
    return this.#outcomes.flatMap((events, message) => events.map((outcome, event) => ({ outcome, message, event })));
  }

  messages(stop: AbortSignal): Observable<Message> {
    return new Observable((subscriber) => {
      for (const [index, payload] of this.#payloads.entries()) {
        // Nothing is owed for what is not handed out.
        if (stop.aborted || subscriber.closed) this.#done();
        else subscriber.next(this.#message(payload, index));
      }
      subscriber.complete();
    });
  }

  async settled(): Promise<void> {
    await this.#settled.promise;
  }

  #message(payload: Uint8Array, number: number): Message {
    const outcomes = this.#outcomes[number] ?? [];
    let open = 1;
    return {
      payload,
      storedAt: this.#storedAt,
      sequence: number + 1,
      redelivered: false,
      expect: (events) => {
        open = events;
        if (events === 0) this.#done();
      },
      settle: (outcome, index) => {
        if (outcomes[index] !== undefined) return;
        outcomes[index] = outcome;
        if (--open === 0) this.#done();
      },
    };
  }

  #done(): void {
    if (--this.#open === 0) this.#settled.resolve();
  }
}
