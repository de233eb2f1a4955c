import { Envelope, type Message, type Outcome } from '../src/core/message.ts';

/** When a recorded message was stored unless it says otherwise: 2026-01-31T09:00:00.000Z. */
export const storedAt = Date.UTC(2026, 0, 31, 9);

/** One call of `settle`. */
export interface Settlement {
  readonly index: number;
  readonly outcome: Outcome;
}

/** A message that keeps all that is said about it, repetitions too. */
export class RecordedMessage implements Message {
  readonly payload: Uint8Array;
  readonly storedAt: number;
  /** Its number in the stream. */
  readonly sequence = 1;
  redelivered = false;
  /** The calls of `expect`. */
  readonly expected: number[] = [];
  /** The calls of `settle`. */
  readonly settled: Settlement[] = [];
  /** Called after each settlement, as a source is that hands out more then. */
  onSettled: () => void = () => undefined;

  constructor(payload: Uint8Array | string = '', at: number = storedAt) {
    this.payload = Buffer.from(payload);
    this.storedAt = at;
  }

  /** What became of the message's events, by event. */
  get outcomes(): readonly Outcome[] {
    return this.settled.toSorted((a, b) => a.index - b.index).map(({ outcome }) => outcome);
  }

  expect(events: number): void {
    this.expected.push(events);
  }

  settle(outcome: Outcome, index: number): void {
    this.settled.push({ index, outcome });
    this.onSettled();
  }
}

/** A message that holds this value as JSON. */
export function jsonMessage(value: unknown): RecordedMessage {
  return new RecordedMessage(JSON.stringify(value));
}

/** An envelope whose message keeps what is said about it. */
export class RecordedEnvelope<T> extends Envelope<T> {
  declare readonly message: RecordedMessage;

  constructor(value: T, at: number = storedAt) {
    super(value, new RecordedMessage('', at), 0);
  }

  /** What became of the event; undefined while it is open. Fails if that was said more than once. */
  get outcome(): Outcome | undefined {
    const { settled } = this.message;
    if (settled.length > 1) throw new Error(`settled ${settled.length} times`);
    return settled[0]?.outcome;
  }
}
