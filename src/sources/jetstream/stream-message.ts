import type { JsMsg } from '@nats-io/jetstream';
import type { Message, Outcome } from '../../core/message.ts';
import { ackSubjectOf, parseAckSubject } from './delivery.ts';
import { eventTexts } from './event-text.ts';
import type { Block, PayloadMemory } from './payload-memory.ts';

/** Who a message reports to: the source that it came from. */
export interface Keeper {
  /** The message holds so many events. */
  expected(message: StreamMessage, events: number): void;
  /** One of its events was settled. The keeper calls `close` once nothing more is owed for that event. */
  settledEvent(message: StreamMessage, outcome: Outcome, index: number): void;
  /** Nothing is owed for any of its events. */
  done(message: StreamMessage): void;
}

/**
 * A message of a JetStream consumer while it is unsettled. It holds what is needed of the client's own object and not
 * that object, which is as large again and would live as long.
 */
export class StreamMessage implements Message {
  readonly subject: string;
  /** Not to be read once it was released. */
  readonly payload: Uint8Array;
  readonly storedAt: number;
  /** Where it is acked. */
  readonly ackSubject: string;
  /** Its number in the stream. */
  readonly sequence: number;
  /** The consumer's number of its delivery. */
  readonly delivery: number;
  /** Whether it was delivered before. */
  readonly redelivered: boolean;
  /** How many events it holds. */
  events = 1;
  /** Credits that it holds at the moment. */
  cost = 1;
  /** When it was received or the server was last told that it is in progress, in milliseconds since 1970. */
  heardAt: number;
  readonly #keeper: Keeper;
  /** Holds the payload, until it was released: a block counts those that it holds. */
  #block: Block | undefined;
  /** Events for which something is owed. */
  #open = 1;
  #firstSettled = false;
  /** For the events behind the first one, if there are any. */
  #settled: boolean[] | undefined;
  #returned = false;
  /** The text of each event, once one of them is asked for. */
  #texts: readonly string[] | undefined;

  constructor(message: JsMsg, keeper: Keeper, memory: PayloadMemory, now: number) {
    this.ackSubject = ackSubjectOf(message);
    const { sequence, delivery, storedAt, redelivered } = parseAckSubject(this.ackSubject);
    this.#keeper = keeper;
    this.subject = message.subject;
    const { data } = message;
    this.#block = memory.blockFor(data.byteLength);
    this.payload = this.#block.keep(data);
    this.sequence = sequence;
    this.storedAt = storedAt;
    this.delivery = delivery;
    this.redelivered = redelivered;
    this.heardAt = now;
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
    if (!this.#settleOnce(index)) return;
    if (outcome.kind === 'returned') this.#returned = true;
    this.#keeper.settledEvent(this, outcome, index);
  }

  /** Whether this is the first word about the event. Most messages hold one event and need no list. */
  #settleOnce(index: number): boolean {
    if (index > 0) {
      this.#settled ??= [];
      if (this.#settled[index] === true) return false;
      this.#settled[index] = true;
      return true;
    }
    if (this.#firstSettled) return false;
    this.#firstSettled = true;
    return true;
  }

  /** Nothing is owed any more for one of its events. */
  close(): void {
    if (--this.#open === 0) this.#keeper.done(this);
  }

  /** Frees what it holds: nobody asks for its payload any more. */
  release(): void {
    this.#block?.release();
    this.#block = undefined;
  }

  /** Whether it is to be delivered again: an event came back, and JetStream knows no parts of a message. */
  get returned(): boolean {
    return this.#returned;
  }

  /** Has the message delivered again, whatever became of its events. */
  giveBack(): void {
    this.#returned = true;
  }
}
