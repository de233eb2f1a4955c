import { type Message, type Outcome, type Replay, returned } from '../../core/message.ts';
import type { StoredLetter } from './dead-letter.ts';

/**
 * What a letter's event is replayed as. One item of a list must not be taken for a message: it may be a list itself,
 * which is no event.
 */
export function replayedPayload({ events }: Pick<StoredLetter, 'events'>, payload: Uint8Array): Uint8Array {
  return events === 1 ? payload : Buffer.concat([Buffer.from('['), payload, Buffer.from(']')]);
}

/** Who a replayed message reports to. */
export interface ReplayKeeper {
  expected(events: number): void;
  settledEvent(outcome: Outcome, message: ReplayedMessage): void;
  /** All that the letter held is settled, and this is what became of it. */
  done(message: ReplayedMessage, outcome: Outcome): void;
}

/** A dead letter on its way through its sync once more, at the place that it first had. */
export class ReplayedMessage implements Message {
  readonly letter: StoredLetter;
  readonly payload: Uint8Array;
  readonly storedAt: number;
  readonly sequence: number;
  /** Whether the destination has a part of it is what `replay` says. */
  readonly redelivered = false;
  readonly replay: Replay;
  /** When it was replayed, in milliseconds since 1970. */
  readonly replayedAt = Date.now();
  readonly #keeper: ReplayKeeper;
  /** How many events it holds: one, as every letter does. */
  #events = 1;
  #open = 1;
  readonly #outcomes: Outcome[] = [];

  /**
   * @param payload the bytes of its event
   * @param stream the stream that the sync reads now: numbers of another one say nothing
   */
  constructor(letter: StoredLetter, payload: Uint8Array, stream: string, keeper: ReplayKeeper) {
    const { index, accepted } = letter;
    this.letter = letter;
    this.payload = replayedPayload(letter, payload);
    this.storedAt = letter.storedAt;
    this.sequence = letter.stream === stream ? letter.sequence : 0;
    this.replay = { index, accepted };
    this.#keeper = keeper;
  }

  expect(events: number): void {
    this.#events = events;
    this.#open = events;
    this.#keeper.expected(events);
    if (events === 0) this.#keeper.done(this, { kind: 'filtered' });
  }

  settle(outcome: Outcome, index: number): void {
    if (this.#outcomes[index] !== undefined) return;
    this.#outcomes[index] = outcome;
    this.#keeper.settledEvent(outcome, this);
    if (--this.#open > 0) return;
    const [first = outcome] = this.#outcomes;
    this.#keeper.done(this, this.#outcomes.find(({ kind }) => kind === 'returned' || kind === 'discarded') ?? first);
  }

  /** What is not settled will not be. */
  giveBack(): void {
    for (let index = 0; index < this.#events; index++) this.settle(returned, index);
  }
}
