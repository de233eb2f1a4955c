/** Payloads at hand as a source with credits, as the source of a stream has them: what is unsettled is bounded. */
import { Observable } from 'rxjs';
import type { Message, Outcome } from '../src/core/message.ts';

export interface CreditedSourceOptions {
  /** How many messages it hands out. */
  readonly count: number;
  readonly payload: (index: number) => Uint8Array;
  /** How many events may be unsettled. */
  readonly credits: number;
  /** The numbers of its messages in the stream start after this one. */
  readonly after?: number;
}

export class CreditedSource {
  readonly #options: CreditedSourceOptions;
  readonly #settled = Promise.withResolvers<void>();

  constructor(options: CreditedSourceOptions) {
    this.#options = options;
  }

  /** Resolves when every event is settled; rejects if one is lost. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  messages(): Observable<Message> {
    const { count, payload, credits, after = 0 } = this.#options;
    const settled = this.#settled;
    return new Observable((subscriber) => {
      let [next, done, unsettled, pumping] = [0, 0, 0, false];
      const pump = () => {
        pumping = false;
        while (next < count && unsettled < credits) subscriber.next(message(next++));
        if (next === count) subscriber.complete();
      };
      const message = (index: number): Message => {
        let open = 1;
        unsettled++;
        return {
          payload: payload(index),
          storedAt: Date.now(),
          redelivered: false,
          sequence: after + index + 1,
          expect(events) {
            unsettled += events - 1;
            open = events;
          },
          settle({ kind }: Outcome) {
            if (kind === 'discarded' || kind === 'returned') settled.reject(new Error(`an event was ${kind}`));
            unsettled--;
            if (--open === 0 && ++done === count) settled.resolve();
            // As a fetch does: not for each credit that comes free, and not within the settling.
            if (pumping || next === count || credits - unsettled < credits / 4) return;
            pumping = true;
            setImmediate(pump);
          },
        };
      };
      pump();
    });
  }
}
