import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { backoffMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import { wait } from '../../core/wait.ts';
import type { Credits } from './credits.ts';

export interface PullOptions {
  readonly credits: Credits;
  /** What a message is expected to cost in credits. */
  readonly costEstimate: () => number;
  /** Makes the consumer, or makes it match; called at first and after trouble. */
  readonly openConsumer: () => Promise<Consumer>;
  /** Takes a message that came, together with the one credit that was taken for it. Must not throw. */
  readonly receive: (message: JsMsg) => void;
  /** Called when a request has brought nothing. */
  readonly onNothing: (consumer: Consumer) => Promise<void>;
  /** Told why nothing can be fetched at the moment; null once it works again. */
  readonly onTrouble: (trouble: string | null) => void;
}

/** How long a request for messages stays open. The client takes no less; a stop waits for it, so that nothing is stranded. */
const expiresMs = 1_000;
const backoff = { firstMs: 250, maxMs: 10_000 };

/**
 * Asks for messages, never for more than the free credits cover, until `stop` fires. What is asked for by then still
 * comes. Trouble with the server or the consumer is waited out; it never rejects.
 */
export async function pull(options: PullOptions, stop: AbortSignal): Promise<void> {
  const { credits } = options;
  // Many small requests would cost more than they bring.
  const worthwhile = Math.max(1, Math.floor(credits.capacity / 16));
  let consumer: Consumer | undefined;
  let failures = 0;
  while (!stop.aborted) {
    await credits.available(worthwhile);
    if (stop.aborted) return;
    try {
      consumer ??= await options.openConsumer();
      const received = await fetch(consumer, options);
      if (failures > 0) options.onTrouble(null);
      failures = 0;
      if (received === 0) await options.onNothing(consumer);
    } catch (error) {
      consumer = undefined;
      failures++;
      // One request may fail for reasons of its own: a 2.9 server at times says nothing when one expires.
      if (failures > 1) options.onTrouble(messageOf(error));
      await wait(backoffMs(failures, backoff), stop);
    }
  }
}

/** Resolves with how many messages came. */
async function fetch(consumer: Consumer, { credits, costEstimate, receive }: PullOptions): Promise<number> {
  const asked = Math.max(1, Math.floor(credits.free / costEstimate()));
  credits.take(asked);
  let received = 0;
  // A callback takes each message off the client at once. The iterator drops those it holds when a heartbeat is
  // missed, and they would come back only after `ack_wait`, behind newer ones.
  const callback = (message: JsMsg): void => {
    received++;
    // After a reconnect the client asks for the whole number again, so that more can come than were asked for.
    if (received > asked) credits.take(1);
    receive(message);
  };
  const request = { max_messages: asked, expires: expiresMs, callback };
  try {
    await ended(await consumer.fetch(request));
  } finally {
    if (received < asked) credits.give(asked - received);
  }
  return received;
}

/** Resolves when a request has ended. The client lets one wait for as long as a lost connection stays lost. */
async function ended(messages: ConsumerMessages): Promise<void> {
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(new Error('a request for messages got no answer')), 3 * expiresMs);
  try {
    const error = await Promise.race([messages.closed(), overdue.promise]);
    if (error instanceof Error) throw error;
  } finally {
    clearTimeout(timer);
    void messages.close();
  }
}
