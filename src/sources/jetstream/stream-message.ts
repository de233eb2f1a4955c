import type { JsMsg } from '@nats-io/jetstream';
import type { Message, Outcome } from '../../core/message.ts';
import { eventTexts } from './event-text.ts';

/** Who a message reports to: the source that it came from. */
export interface Keeper {
  /** The message holds so many events. */
  expected(message: StreamMessage, events: number): void;
  /** One of its events was settled. The keeper calls `close` once nothing more is owed for that event. */
  settledEvent(message: StreamMessage, outcome: Outcome, index: number): void;
  /** Nothing is owed for any of its events. */
  done(message: StreamMessage): void;
}

/** A message of a JetStream consumer while it is unsettled. */
export class StreamMessage implements Message {
  readonly payload: Uint8Array;
  readonly storedAt: number;
  /** Its number in the stream. */
  readonly sequence: number;
  /** How many events it holds. */
  events = 1;
  /** Credits that it holds at the moment. */
  cost = 1;
  /** When it was received or the server was last told that it is in progress, in milliseconds since 1970. */
  heardAt: number;
  readonly #message: JsMsg;
  readonly #keeper: Keeper;
  /** Events for which something is owed. */
  #open = 1;
  readonly #settled: boolean[] = [];
  #returned = false;
  /** The text of each event, once one of them is asked for. */
  #texts: readonly string[] | undefined;

  constructor(message: JsMsg, keeper: Keeper, now: number) {
    const { streamSequence, timestampNanos } = message.info;
    this.#message = message;
    this.#keeper = keeper;
    this.payload = message.data;
    this.sequence = streamSequence;
    this.storedAt = Math.floor(timestampNanos / 1e6);
    this.heardAt = now;
  }

  get subject(): string {
    return this.#message.subject;
  }

  /** What came for one event: the whole payload if it holds one alone. */
  payloadOf(index: number): Uint8Array | string {
    if (this.events === 1) return this.payload;
    this.#texts ??= eventTexts(new TextDecoder().decode(this.payload));
    return this.#texts[index] ?? this.payload;
  }

  expect(events: number): void {
    this.events = events;
    this.#open = events;
    this.#keeper.expected(this, events);
    if (events === 0) this.#keeper.done(this);
  }

  settle(outcome: Outcome, index: number): void {
    if (this.#settled[index] === true) return;
    this.#settled[index] = true;
    if (outcome.kind === 'returned') this.#returned = true;
    this.#keeper.settledEvent(this, outcome, index);
  }

  /** Nothing is owed any more for one of its events. */
  close(): void {
    if (--this.#open === 0) this.#keeper.done(this);
  }

  /** Whether it is to be delivered again: an event came back, and JetStream knows no parts of a message. */
  get returned(): boolean {
    return this.#returned;
  }

  /** Has the message delivered again, whatever became of its events. */
  giveBack(): void {
    this.#returned = true;
  }

  /** Tells the server what became of the message: it is finished with, or is to be delivered again. */
  answer(): void {
    if (this.#returned) this.#message.nak();
    else this.#message.ack();
  }

  /** Tells the server that the message is being worked on, which starts its `ack_wait` anew. */
  inProgress(now: number): void {
    this.#message.working();
    this.heardAt = now;
  }
}
