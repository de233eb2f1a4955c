import type { Consumer } from '@nats-io/jetstream';
import { wait } from '../../core/wait.ts';

const lookEveryMs = 250;

/**
 * Waits until what an engine that crashed has left unacked is due again, and answers how many messages that are.
 *
 * Until its `ack_wait` has passed the server delivers newer messages instead, and those of a user would arrive before
 * older ones. Once it has passed, the older ones come first, in the order in which they became due. Answers with 0 at
 * once if nothing is unacked.
 */
export async function takeOver(consumer: Consumer, ackWaitMs: number, stop: AbortSignal): Promise<number> {
  const begin = performance.now();
  while (!stop.aborted) {
    const { num_ack_pending } = await consumer.info();
    // The server looks for what is due once in a while, so a little more than `ack_wait`.
    if (num_ack_pending === 0 || performance.now() - begin > ackWaitMs + 2 * lookEveryMs) return num_ack_pending;
    await wait(lookEveryMs, stop);
  }
  return 0;
}
