import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Observable, type Subscriber } from 'rxjs';
import { backoffMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import { returned, type DiscardReason, type Message, type Outcome } from '../../core/message.ts';
import type { Source } from '../../core/source.ts';
import type { Telemetry } from '../../core/telemetry.ts';
import { wait } from '../../core/wait.ts';
import { Acks } from './acks.ts';
import { Credits } from './credits.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetters } from './dead-letter-store.ts';
import { pull } from './pull.ts';
import { Recent } from './recent.ts';
import { type Keeper, StreamMessage } from './stream-message.ts';
import { countMissing, lookEveryMs, takeOver } from './take-over.ts';
import { Unsettled } from './unsettled.ts';

export interface JetStreamSourceOptions {
  readonly connection: NatsConnection;
  readonly sync: string;
  readonly stream: string;
  /** How many events may be unsettled at once. */
  readonly credits: number;
  /** The consumer's own `ack_wait`. */
  readonly ackWaitMs: number;
  /** Whether to complete once nothing is pending and everything is settled, rather than wait for more. */
  readonly finishing: () => boolean;
  /**
   * Makes the consumer, or makes it match; called again after trouble, in case it was deleted meanwhile. `resumeAt`
   * is the number in the stream at which a consumer that has to be made anew goes on.
   */
  readonly openConsumer: (resumeAt: number | undefined) => Promise<Consumer>;
  /** Whether the connection stands, and each change of that. */
  readonly connected: Observable<boolean>;
  readonly deadLetters: DeadLetters;
  readonly telemetry: Telemetry;
  /** Told why nothing can be fetched at the moment; null once it works again. */
  readonly onTrouble: (trouble: string | null) => void;
  /** Told why a dead letter cannot be stored at the moment; null once it is. */
  readonly onUnstored: (trouble: string | null) => void;
}

/** A message costs a credit for each event and at least one for so many bytes, so that credits bound memory too. */
const bytesPerCredit = 16_384;
/** What a message is taken to cost until some were seen: the first requests are small, and grow. */
const firstCostEstimate = 64;
/** Over how many messages the estimate of the cost follows what is seen. */
const costMemory = 16;
const deadLetterBackoff = { firstMs: 250, maxMs: 10_000 };

/**
 * The messages of a durable pull consumer. It alone knows acks: it turns the outcomes that operators and sinks state
 * into an ack, a dead letter and then an ack, or a redelivery.
 */
export class JetStreamSource implements Source, Keeper {
  readonly credits: Credits;
  readonly #options: JetStreamSourceOptions;
  readonly #unsettled: Unsettled<StreamMessage>;
  /** Acked lately: an ack can be lost on its way, and then the message comes again. */
  readonly #acked: Recent;
  /** Received and not handed out: messages can hold more events than there were credits for. */
  readonly #backlog: StreamMessage[] = [];
  #handingOut = false;
  /** Whether requests for messages may be open. */
  #pulling = true;
  /** To be given back when they no longer are. */
  readonly #givingBack: StreamMessage[] = [];
  #costEstimate = firstCostEstimate;
  #highest = 0;
  #subscriber: Subscriber<Message> | undefined;
  /** The consumer's number of the delivery that came last. */
  #lastDelivery = 0;
  /** How many messages are awaited that were delivered and never came: they are handed out before all that is newer. */
  #missing = 0;
  /** Until when, on the clock of `performance.now()`: another engine may have them, and keep them. */
  #missingUntil = 0;
  /** Whether something new came while others were missing: then the server is late, and is given time. */
  #overtaken = false;
  readonly #acks: Acks;
  readonly #onDone: (() => void)[] = [];
  /** Fires when nobody is left who could settle messages. */
  readonly #abandoned = new AbortController();

  constructor(options: JetStreamSourceOptions) {
    this.#options = options;
    this.credits = new Credits(options.credits);
    this.#acks = new Acks(options.connection);
    this.#unsettled = new Unsettled(options.credits);
    this.#acked = new Recent(2 * options.credits);
  }

  messages(stop: AbortSignal): Observable<Message> {
    return new Observable((subscriber) => {
      this.#subscriber = subscriber;
      let completed = false;
      // Ends for `stop`, and by itself when it is finishing and finds nothing left.
      const ending = new AbortController();
      const end = (): void => ending.abort();
      ending.signal.addEventListener('abort', () => this.credits.close(), { once: true });
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end();
      const heartbeat = setInterval(() => this.#sayInProgress(), this.#options.ackWaitMs / 6);

      const run = async (): Promise<void> => {
        await this.#pull(end, ending.signal);
        this.#pulling = false;
        if (this.#missing > 0) this.#giveBackBacklog();
        // The server delivers again in the order in which it gets back.
        const back = this.#givingBack.splice(0).sort((one, other) => one.sequence - other.sequence);
        for (const message of back) this.done(message);
        await this.#until(() => this.#backlog.length === 0);
        completed = true;
        subscriber.complete();
        await this.#allSettled();
      };
      run()
        .catch((error: unknown) => subscriber.error(error))
        .finally(() => clearInterval(heartbeat));

      return () => {
        end();
        stop.removeEventListener('abort', end);
        if (!completed) this.#abandon();
      };
    });
  }

  async settled(abort: AbortSignal): Promise<void> {
    const giveUp = (): void => this.#abandoned.abort();
    abort.addEventListener('abort', giveUp, { once: true });
    if (abort.aborted) giveUp();
    await this.#allSettled();
    abort.removeEventListener('abort', giveUp);
  }

  expected(message: StreamMessage, events: number): void {
    this.#options.telemetry.received(events);
    if (events > message.cost) {
      this.credits.take(events - message.cost);
      message.cost = events;
    }
    this.#costEstimate += (message.cost - this.#costEstimate) / costMemory;
  }

  /** Called through `StreamMessage.settle`, once for each event. */
  settledEvent(message: StreamMessage, outcome: Outcome, index: number): void {
    this.#options.telemetry.settled(outcome, message.storedAt);
    if (outcome.kind === 'discarded') void this.#deadLetter(message, outcome, index);
    else this.#close(message);
  }

  done(message: StreamMessage): void {
    if (message.returned && this.#pulling) {
      // Given back now, it would come straight into a request of our own that is still open.
      this.#givingBack.push(message);
      return;
    }
    this.#unsettled.delete(message.sequence);
    if (message.returned) this.#acks.nak(message.ackSubject);
    else {
      this.#acks.add(message.ackSubject);
      this.#acked.add(message.sequence);
    }
    this.credits.give(message.cost);
    if (this.#backlog.length > 0) this.#handOut();
    if (this.#onDone.length > 0) for (const resolve of this.#onDone.splice(0)) resolve();
  }

  async #pull(end: () => void, ending: AbortSignal): Promise<void> {
    const { finishing, onTrouble, connected } = this.#options;
    await pull(
      {
        credits: this.credits,
        connected,
        missing: () => this.#missing > 0,
        costEstimate: () => Math.max(1, this.#costEstimate),
        openConsumer: () => this.#open(ending),
        // In the same write to the socket.
        onAsk: () => this.#acks.flush(),
        receive: (message) => this.#receive(message),
        onEnded: async (consumer, received) => {
          if (this.#missing > 0 && (received === 0 || this.#overtaken)) await this.#lookForMissing(consumer, ending);
          if (received === 0 && finishing() && (await this.#nothingLeft(consumer))) end();
        },
        onTrouble,
      },
      ending,
    );
  }

  async #open(stop: AbortSignal): Promise<Consumer> {
    this.#acks.flush();
    const consumer = await this.#options.openConsumer(this.#resumeAt());
    const seen = { lastDelivery: this.#lastDelivery, unsettled: this.#unsettledUpTo };
    const { missing, lastDelivery } = await takeOver(consumer, seen, this.#options.ackWaitMs, stop);
    this.#lastDelivery = lastDelivery;
    this.#missing = missing;
    this.#expectMissing();
    if (missing === 0) this.#handOutInOrder();
    return consumer;
  }

  readonly #unsettledUpTo = (upTo: number): number =>
    this.#unsettled.values().filter(({ sequence }) => sequence <= upTo).length;

  #expectMissing(): void {
    this.#missingUntil = performance.now() + this.#options.ackWaitMs;
  }

  /** Counts again what is missing, and gives the server time to deliver it. */
  async #lookForMissing(consumer: Consumer, stop: AbortSignal): Promise<void> {
    this.#overtaken = false;
    // Whatever was delivered counts here, also what came meanwhile.
    const { missing } = await countMissing(consumer, { lastDelivery: 0, unsettled: this.#unsettledUpTo });
    this.#missing = missing;
    if (missing === 0 || performance.now() > this.#missingUntil) this.#handOutInOrder();
    else await wait(lookEveryMs, stop);
  }

  #receive(message: JsMsg): void {
    const now = Date.now();
    const received = new StreamMessage(message, this, now);
    const { sequence, payload, redelivered } = received;
    this.#lastDelivery = received.delivery;
    const held = this.#unsettled.get(sequence);
    if (held !== undefined) {
      // The server acks by sequence, so the copy at hand will do.
      this.credits.give(1);
      this.#inProgress(held, now);
      return;
    }
    const waiting = this.#missing > 0;
    if (waiting && redelivered) {
      this.#missing--;
      this.#expectMissing();
    } else if (waiting) this.#overtaken = true;
    if (redelivered && this.#acked.has(sequence)) {
      // What was settled before needs only its ack again.
      this.credits.give(1);
      this.#acks.add(received.ackSubject);
    } else {
      this.#highest = Math.max(this.#highest, sequence);
      received.cost = Math.max(1, Math.ceil(payload.length / bytesPerCredit));
      this.credits.take(received.cost - 1);
      this.#unsettled.add(received);
      this.#backlog.push(received);
    }
    if (!waiting) this.#handOut();
    else if (this.#missing === 0) this.#handOutInOrder();
  }

  /** What was missing is here, as far as it comes. It came in the order in which it became due. */
  #handOutInOrder(): void {
    this.#missing = 0;
    this.#backlog.sort((one, other) => one.sequence - other.sequence);
    this.#handOut();
  }

  /**
   * Hands out while there are credits; one message goes out even without, or a very large one would wait for ever. So do
   * all that were handed out before: they were under way together, and what a destination has of a user after a crash can
   * be told only from all of the user's updates that were.
   */
  #handOut(): void {
    // A message can be done before the call that hands it out returns, and that leads here again.
    if (this.#handingOut) return;
    this.#handingOut = true;
    while (true) {
      const [message] = this.#backlog;
      if (message === undefined) break;
      const isAlone = this.#unsettled.size === this.#backlog.length;
      if (this.credits.free < 0 && !isAlone && !message.redelivered) break;
      this.#backlog.shift();
      this.#subscriber?.next(message);
    }
    this.#handingOut = false;
  }

  #close(message: StreamMessage): void {
    if (message.cost > 1) {
      message.cost--;
      this.credits.give(1);
    }
    message.close();
  }

  async #deadLetter(message: StreamMessage, outcome: Discarded, index: number): Promise<void> {
    const letter = this.#letter(message, outcome, index);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#options.deadLetters.publish(letter);
        if (attempt > 1) this.#options.onUnstored(null);
        break;
      } catch (error) {
        if (this.#abandoned.signal.aborted) {
          message.giveBack();
          break;
        }
        this.#options.onUnstored(`a dead letter cannot be stored: ${messageOf(error)}`);
        await wait(backoffMs(attempt, deadLetterBackoff), this.#abandoned.signal);
      }
    }
    this.#close(message);
  }

  #letter(message: StreamMessage, { reason, detail, attempts, accepted }: Discarded, index: number): DeadLetter {
    const { sync, stream } = this.#options;
    const { subject, sequence, storedAt, events } = message;
    const origin = { stream, subject, sequence, storedAt, index, events };
    const history = { attempts, accepted, replays: 0, firstFailedAt: undefined };
    return { sync, reason, detail, ...origin, ...history, payload: message.payloadOf(index) };
  }

  #sayInProgress(): void {
    const now = Date.now();
    for (const message of this.#unsettled.values()) {
      if (now - message.heardAt >= this.#options.ackWaitMs / 3) this.#inProgress(message, now);
    }
  }

  #inProgress(message: StreamMessage, now: number): void {
    message.heardAt = now;
    this.#acks.inProgress(message.ackSubject);
  }

  /** Where a consumer goes on that has to be made anew: at the oldest message that is not done. */
  #resumeAt(): number | undefined {
    if (this.#unsettled.size > 0) return Math.min(...this.#unsettled.values().map(({ sequence }) => sequence));
    return this.#highest === 0 ? undefined : this.#highest + 1;
  }

  async #nothingLeft(consumer: Consumer): Promise<boolean> {
    if (this.#unsettled.size > 0) return false;
    this.#acks.flush();
    const { num_pending, num_ack_pending } = await consumer.info();
    return num_pending === 0 && num_ack_pending === 0 && this.#unsettled.size === 0;
  }

  async #allSettled(): Promise<void> {
    await this.#until(() => this.#unsettled.size === 0);
    this.#acks.flush();
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onDone.push(resolve);
      await promise;
    }
  }

  /** Gives back whatever is unsettled: the pipeline is gone. */
  #abandon(): void {
    this.#abandoned.abort();
    this.#acks.flush();
    this.#giveBackBacklog();
    for (const message of this.#unsettled.values()) {
      for (let index = 0; index < message.events; index++) message.settle(returned, index);
    }
  }

  #giveBackBacklog(): void {
    for (const message of this.#backlog.splice(0)) {
      message.giveBack();
      message.close();
    }
  }
}

type Discarded = Extract<Outcome, { readonly reason: DiscardReason }>;
