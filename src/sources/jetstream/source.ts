import type { Consumer, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Observable, type Subscriber } from 'rxjs';
import { type Message, type Outcome, returned } from '../../core/message.ts';
import type { Source } from '../../core/source.ts';
import type { Telemetry } from '../../core/telemetry.ts';
import { turnNow } from '../../core/turn-clock.ts';
import { wait } from '../../core/wait.ts';
import { Acks } from './acks.ts';
import { AskSize } from './ask-size.ts';
import { Backlog } from './backlog.ts';
import { Credits } from './credits.ts';
import type { DeadLetters } from './dead-letter-store.ts';
import { DeadLetterWriter, type Discarded } from './dead-letter-writer.ts';
import { Missing } from './missing.ts';
import { PayloadMemory } from './payload-memory.ts';
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
  /** How many bytes may be asked for at once, and wait at the server for the connection. */
  readonly mostBytesAsked: () => number;
  /** The consumer's own `ack_wait`. */
  readonly ackWaitMs: number;
  /** Whether to complete once nothing is pending and everything is settled, rather than wait for more. */
  readonly finishing: () => boolean;
  /**
   * Makes the consumer, or makes it match; called again after trouble, in case it was deleted meanwhile. `resumeAt`
   * is the number in the stream at which a consumer that has to be made anew goes on.
   */
  readonly openConsumer: (resumeAt: number | undefined) => Promise<Consumer>;
  /** When the stream was made that has the name now, in milliseconds since 1970. */
  readonly streamMadeAt: () => Promise<number>;
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
  readonly #backlog: Backlog;
  readonly #missing: Missing;
  readonly #askSize: AskSize;
  /** Whether requests for messages may be open. */
  #pulling = true;
  /** To be given back when they no longer are. */
  readonly #givingBack: StreamMessage[] = [];
  #highest = 0;
  /** As the consumer had it when it was opened. */
  #settledThrough: number | undefined;
  #streamMadeAt: number | undefined;
  #remade = false;
  #subscriber: Subscriber<Message> | undefined;
  /** The consumer's number of the delivery that came last. */
  #lastDelivery = 0;
  readonly #memory = new PayloadMemory();
  readonly #acks: Acks;
  readonly #letters: DeadLetterWriter;
  readonly #onDone: (() => void)[] = [];
  /** Fires when nobody is left who could settle messages. */
  readonly #abandoned = new AbortController();

  constructor(options: JetStreamSourceOptions) {
    this.#options = options;
    this.credits = new Credits(options.credits);
    this.#acks = new Acks(options.connection);
    this.#unsettled = new Unsettled(options.credits);
    this.#acked = new Recent(2 * options.credits);
    this.#letters = new DeadLetterWriter(options);
    this.#missing = new Missing(options.ackWaitMs);
    this.#askSize = new AskSize(options.mostBytesAsked);
    this.#backlog = new Backlog({
      credits: this.credits,
      alone: () => this.#unsettled.size === this.#backlog.size,
      handOut: (message) => this.#subscriber?.next(message),
    });
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
        if (this.#missing.awaited) this.#backlog.giveBack();
        // The server delivers again in the order in which it gets back.
        const back = this.#givingBack.splice(0).sort((one, other) => one.sequence - other.sequence);
        for (const message of back) this.done(message);
        await this.#until(() => this.#backlog.size === 0);
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

  /**
   * Whether it has completed by itself since the stream was made anew. Its messages count from 1 again, so nothing holds
   * that is known by their numbers: another source has to go on.
   */
  get remade(): boolean {
    return this.#remade;
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
    this.#askSize.cost(message.cost);
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
      this.#acked.add(message);
    }
    message.release();
    this.credits.give(message.cost);
    if (this.#backlog.size > 0) this.#backlog.handOut();
    if (this.#onDone.length > 0) for (const resolve of this.#onDone.splice(0)) resolve();
  }

  async #pull(end: () => void, ending: AbortSignal): Promise<void> {
    const { finishing, onTrouble, connected } = this.#options;
    await pull(
      {
        credits: this.credits,
        connected,
        missing: () => this.#missing.awaited,
        askSize: (freeCredits) => this.#askSize.of(freeCredits),
        openConsumer: () => this.#open(end, ending),
        // In the same write to the socket.
        onAsk: () => this.#acks.flush(),
        receive: (message) => this.#receive(message),
        onEnded: async (consumer, received) => {
          const late = this.#missing.awaited && (received === 0 || this.#missing.overtaken);
          if (late) await this.#lookForMissing(consumer, ending);
          if (received === 0 && finishing() && (await this.#nothingLeft(consumer))) end();
        },
        onTrouble,
      },
      ending,
    );
  }

  /** Undefined if there is nothing to go on with: the source ends. */
  async #open(end: () => void, stop: AbortSignal): Promise<Consumer | undefined> {
    this.#acks.flush();
    const madeAt = await this.#options.streamMadeAt();
    this.#streamMadeAt ??= madeAt;
    if (madeAt !== this.#streamMadeAt) {
      this.#remade = true;
      // Nothing of the stream before comes any more.
      this.#missing.recount(0);
      this.#backlog.handOutInOrder();
      end();
      return undefined;
    }
    const consumer = await this.#options.openConsumer(this.#resumeAt());
    const seen = { lastDelivery: this.#lastDelivery, unsettled: this.#unsettledUpTo };
    const { missing, lastDelivery, settledThrough } = await takeOver(consumer, seen, this.#options.ackWaitMs, stop);
    this.#lastDelivery = lastDelivery;
    this.#settledThrough = settledThrough;
    this.#missing.await(missing);
    if (missing === 0) this.#backlog.handOutInOrder();
    return consumer;
  }

  readonly #unsettledUpTo = (upTo: number): number =>
    this.#unsettled.values().filter(({ sequence }) => sequence <= upTo).length;

  /** Counts again what is missing, and gives the server time to deliver it. */
  async #lookForMissing(consumer: Consumer, stop: AbortSignal): Promise<void> {
    this.#missing.look();
    // Whatever was delivered counts here, also what came meanwhile.
    const { missing } = await countMissing(consumer, { lastDelivery: 0, unsettled: this.#unsettledUpTo });
    const enough = missing === 0 || this.#missing.givenUp;
    this.#missing.recount(enough ? 0 : missing);
    if (enough) this.#backlog.handOutInOrder();
    else await wait(lookEveryMs, stop);
  }

  #receive(message: JsMsg): void {
    const now = turnNow();
    const received = new StreamMessage(message, this, this.#memory, now);
    const { sequence, payload, redelivered } = received;
    this.#lastDelivery = received.delivery;
    this.#askSize.came(payload.length);
    const held = this.#unsettled.get(sequence);
    if (held?.storedAt === received.storedAt) {
      // The server acks by sequence, so the copy at hand will do.
      received.release();
      this.credits.give(1);
      this.#inProgress(held, now);
      return;
    }
    const waited = this.#missing.awaited;
    if (waited) this.#missing.came(redelivered);
    // A server that crashed can have forgotten that it had delivered a message.
    if ((redelivered || sequence <= this.#highest) && this.#acked.has(received)) {
      // What was settled before needs only its ack again.
      received.release();
      this.credits.give(1);
      this.#acks.add(received.ackSubject);
    } else {
      this.#highest = Math.max(this.#highest, sequence);
      received.cost = Math.max(1, Math.ceil(payload.length / bytesPerCredit));
      this.credits.take(received.cost - 1);
      this.#unsettled.add(received);
      this.#backlog.add(received);
    }
    if (!waited) this.#backlog.handOut();
    else if (!this.#missing.awaited) this.#backlog.handOutInOrder();
  }

  #close(message: StreamMessage): void {
    if (message.cost > 1) {
      message.cost--;
      this.credits.give(1);
    }
    message.close();
  }

  async #deadLetter(message: StreamMessage, outcome: Discarded, index: number): Promise<void> {
    if (!(await this.#letters.write(message, outcome, index, this.#abandoned.signal))) message.giveBack();
    this.#close(message);
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
    // What is missing may be older than all that came, and where nothing came the consumer itself says where it was.
    if (this.#missing.awaited || this.#highest === 0) {
      return this.#settledThrough === undefined ? undefined : this.#settledThrough + 1;
    }
    if (this.#unsettled.size > 0) return Math.min(...this.#unsettled.values().map(({ sequence }) => sequence));
    return this.#highest + 1;
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
    this.#backlog.giveBack();
    for (const message of this.#unsettled.values()) {
      for (let index = 0; index < message.events; index++) message.settle(returned, index);
    }
  }
}
