import type { Consumer } from '@nats-io/jetstream';
import { wait } from '../../core/wait.ts';

/** What this engine knows of the deliveries of a consumer. */
export interface Seen {
  /** The consumer's own number of the delivery that came last; 0 before the first. */
  readonly lastDelivery: number;
  /** How many messages are at hand unsettled, of those up to this number in the stream. */
  readonly unsettled: (upTo: number) => number;
}

export interface TakenOver {
  /** How many messages are still unacked that are not at hand: they are due again, before all that is newer. */
  readonly missing: number;
  /** The consumer's number of the last delivery that need not be waited for. */
  readonly lastDelivery: number;
  /** All messages up to this number in the stream are acked, or were before the consumer began. */
  readonly settledThrough: number;
}

/** How often to look whether what is missing has become due. */
export const lookEveryMs = 250;

/**
 * Waits until what was delivered and is not at hand is due again: what an engine that crashed has left unacked, and what
 * was on its way to this one when a connection broke.
 *
 * Until its `ack_wait` has passed the server delivers newer messages instead, and those of a user would arrive before
 * older ones. Once it has passed, the older ones come first, in the order in which they became due; but for a server
 * that is late, so whoever asks goes on to look (`countMissing`). Answers at once if nothing is missing.
 */
export async function takeOver(
  consumer: Consumer,
  seen: Seen,
  ackWaitMs: number,
  stop: AbortSignal,
): Promise<TakenOver> {
  const begin = performance.now();
  while (true) {
    const found = await countMissing(consumer, seen);
    // The server looks for what is due once in a while, so a little more than `ack_wait`.
    const due = performance.now() - begin > ackWaitMs + 2 * lookEveryMs;
    if (found.missing === 0 || due || stop.aborted) return found;
    await wait(lookEveryMs, stop);
  }
}

/** How many messages were delivered, are unacked, and are not at hand. */
export async function countMissing(consumer: Consumer, seen: Seen): Promise<TakenOver> {
  const { delivered, num_ack_pending: unacked, ack_floor: floor } = await consumer.info();
  const lastDelivery = delivered.consumer_seq;
  // A connection keeps the order: whatever was delivered up to the last one that came has come.
  const complete = lastDelivery <= seen.lastDelivery;
  const missing = complete ? 0 : Math.max(0, unacked - seen.unsettled(delivered.stream_seq));
  return { missing, lastDelivery, settledThrough: floor.stream_seq };
}
