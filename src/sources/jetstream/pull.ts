import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { filter, firstValueFrom, fromEvent, merge, type Observable } from 'rxjs';
import { backoffMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import { wait } from '../../core/wait.ts';
import type { Credits } from './credits.ts';

export interface PullOptions {
  readonly credits: Credits;
  /** How many messages may be asked for with so many free credits; at least one. */
  readonly askSize: (freeCredits: number) => number;
  /** Whether messages are missing that were within the credits before: they are asked for even without. */
  readonly missing: () => boolean;
  /** Makes the consumer, or makes it match; called at first and after trouble. Undefined to end. */
  readonly openConsumer: () => Promise<Consumer | undefined>;
  /** Whether the connection stands, and each change of that. */
  readonly connected: Observable<boolean>;
  /** Called just before messages are asked for. */
  readonly onAsk: () => void;
  /** Takes a message that came, together with the one credit that was taken for it. Must not throw. */
  readonly receive: (message: JsMsg) => void;
  /** Called when a request has brought so many messages. */
  readonly onEnded: (consumer: Consumer, received: number) => Promise<void>;
  /** Told why nothing can be fetched at the moment; null once it works again. */
  readonly onTrouble: (trouble: string | null) => void;
}

/** How long a request for messages stays open. The client takes no less; a stop waits for it, so that nothing is stranded. */
const expiresMs = 1_000;
const leastForMissing = 16;
const backoff = { firstMs: 250, maxMs: 10_000 };

/**
 * Asks for messages, never for more than the free credits cover, until `stop` fires. What is asked for by then still
 * comes. Trouble with the server or the consumer is waited out; it never rejects.
 */
export async function pull(options: PullOptions, stop: AbortSignal): Promise<void> {
  const { credits, connected } = options;
  // Many small requests would cost more than they bring.
  const worthwhile = Math.max(1, Math.floor(credits.capacity / 4));
  let consumer: Consumer | undefined;
  let failures = 0;
  while (!stop.aborted) {
    if (!options.missing()) await credits.available(worthwhile);
    if (stop.aborted) return;
    try {
      // What is asked meanwhile, the client throws away when it connects.
      if (consumer === undefined) await untilConnected(connected, stop);
      if (stop.aborted) return;
      consumer ??= await options.openConsumer();
      if (stop.aborted || consumer === undefined) return;
      const received = await fetch(consumer, options);
      if (failures > 0) options.onTrouble(null);
      failures = 0;
      await options.onEnded(consumer, received);
    } catch (error) {
      consumer = undefined;
      failures++;
      // One request may fail for reasons of its own: a 2.9 server at times says nothing when one expires.
      if (failures > 1 || error instanceof Disconnected) options.onTrouble(messageOf(error));
      await wait(backoffMs(failures, backoff), stop);
    }
  }
}

/** Resolves with how many messages came. */
async function fetch(consumer: Consumer, options: PullOptions): Promise<number> {
  const { credits, askSize, onAsk, receive, connected, missing } = options;
  const asked = Math.max(missing() ? leastForMissing : 0, askSize(credits.free));
  credits.take(asked);
  let received = 0;
  // A callback takes each message off the client at once. The iterator drops those it holds when a heartbeat is
  // missed, and they would come back only after `ack_wait`, behind newer ones.
  const callback = (message: JsMsg): void => {
    received++;
    // A request that is sent again after trouble can bring more than were asked for.
    if (received > asked) credits.take(1);
    receive(message);
  };
  const request = { max_messages: asked, expires: expiresMs, callback };
  onAsk();
  try {
    await ended(await consumer.fetch(request), connected);
  } finally {
    if (received < asked) credits.give(asked - received);
  }
  return received;
}

/**
 * Resolves when a request has ended. The client lets one wait for as long as a lost connection stays lost, and then asks
 * again by itself, before anybody could see whether something is missing.
 */
async function ended(messages: ConsumerMessages, connected: Observable<boolean>): Promise<void> {
  const failed = Promise.withResolvers<never>();
  const timer = setTimeout(() => failed.reject(new Error('a request for messages got no answer')), 3 * expiresMs);
  const watch = connected
    .pipe(filter((stands) => !stands))
    .subscribe(() => failed.reject(new Disconnected('the connection to NATS is lost')));
  try {
    const error = await Promise.race([messages.closed(), failed.promise]);
    if (error instanceof Error) throw error;
  } finally {
    clearTimeout(timer);
    watch.unsubscribe();
    void messages.close();
  }
}

class Disconnected extends Error {}

async function untilConnected(connected: Observable<boolean>, stop: AbortSignal): Promise<void> {
  const stands = connected.pipe(filter(Boolean));
  await firstValueFrom(merge(stands, fromEvent(stop, 'abort')), { defaultValue: undefined });
}
