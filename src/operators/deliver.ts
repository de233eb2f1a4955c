import { Observable, type OperatorFunction } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import { type Envelope, returned } from '../core/message.ts';
import type { Sink } from '../core/sink.ts';
import { Packer } from './pack.ts';

export interface DeliverOptions {
  /** How many requests may be under way at once. */
  readonly concurrency: number;
  /** `user`: the entries of a user arrive in order. `none`: any order, and fuller requests. */
  readonly order: 'user' | 'none';
  /** How many entries make a batch, and a request, full. */
  readonly maxObjects: number;
  /** Ends all waiting: what is not settled by then is given back. */
  readonly abort: AbortSignal;
}

/**
 * Writes entries to the sink and settles them. Completes when everything is settled; emits nothing.
 *
 * At most `concurrency` requests are under way, and never two that hold the same user: the destination may apply
 * requests in any order. `Packer` decides what goes into a request. A request leaves when it is full. One that is
 * not full leaves when nothing else is under way, or when a batch that was not full has said that nothing shall wait:
 * while an answer is awaited anyway, more entries can come along (Nagle's rule).
 *
 * What waits here is bounded by the source's credits.
 */
export function deliver(sink: Sink, options: DeliverOptions): OperatorFunction<readonly Envelope<Entry>[], never> {
  const { concurrency, order, maxObjects, abort } = options;
  return (batches) =>
    new Observable((subscriber) => {
      const packer = new Packer({
        order,
        maxEntries: Math.min(maxObjects, sink.limits.entries),
        maxBytes: sink.limits.bytes,
      });
      // The end of the subscription is an end of all waiting too: the source gives out again what is not settled.
      const unsubscribed = new AbortController();
      const end = AbortSignal.any([abort, unsubscribed.signal]);
      let underWay = 0;
      let completed = false;

      const send = async (request: readonly Envelope<Entry>[]): Promise<void> => {
        underWay++;
        const outcomes = await sink.write(
          request.map(({ value }) => value),
          end,
        );
        // One loop without a pause: the acks of a request then share their writes to the socket.
        let index = 0;
        for (const envelope of request) envelope.settle(outcomes[index++] ?? returned);
        underWay--;
        packer.answered(request);
        pump();
      };
      const pump = (): void => {
        while (underWay < concurrency && !end.aborted) {
          const request = packer.take(underWay === 0);
          if (request === undefined) break;
          send(request).catch((error: unknown) => subscriber.error(error));
        }
        if (completed && underWay === 0 && packer.empty) subscriber.complete();
      };
      const giveBack = (): void => {
        for (const envelope of packer.drain()) envelope.settle(returned);
        pump();
      };
      end.addEventListener('abort', giveBack, { once: true });
      subscriber.add(() => unsubscribed.abort());

      return batches.subscribe({
        next(batch) {
          packer.add(batch);
          if (batch.length < maxObjects) packer.makeDue();
          // Not at once: what is given back can make the source hand out more, and bufferTime drops what reaches it
          // while it emits.
          if (end.aborted) queueMicrotask(giveBack);
          else pump();
        },
        error: (error) => subscriber.error(error),
        complete() {
          completed = true;
          packer.makeDue();
          pump();
        },
      });
    });
}
