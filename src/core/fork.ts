import type { EventPart, Message, Outcome, Replay } from './message.ts';
import { Envelope, filtered } from './message.ts';

/**
 * Two envelopes for one event, of the update of its user and of the event itself. It is settled when both are: given
 * back if either is, else discarded if either is, else delivered if either is, else filtered.
 */
export function fork<T>(envelope: Envelope<T>): readonly [Envelope<T>, Envelope<T>] {
  const joint = new Joint(envelope);
  return [new Envelope(envelope.value, joint, 0), new Envelope(envelope.value, joint, 1)];
}

class Joint implements Message {
  readonly #whole: Envelope<unknown>;
  readonly #outcomes: Outcome[] = [];
  #open = 2;

  constructor(whole: Envelope<unknown>) {
    this.#whole = whole;
  }

  get payload(): Uint8Array {
    return this.#whole.message.payload;
  }

  get storedAt(): number {
    return this.#whole.message.storedAt;
  }

  get sequence(): number {
    return this.#whole.message.sequence;
  }

  get redelivered(): boolean {
    return this.#whole.message.redelivered;
  }

  get replay(): Replay | undefined {
    return this.#whole.message.replay;
  }

  expect(): void {
    throw new Error('the parts of an event hold no events of their own');
  }

  settle(outcome: Outcome, index: number): void {
    if (this.#outcomes[index] !== undefined) return;
    this.#outcomes[index] = outcome;
    if (--this.#open === 0) this.#whole.settle(weightiest(this.#outcomes));
  }
}

const weights: readonly Outcome['kind'][] = ['returned', 'discarded', 'delivered', 'filtered'];

function weightiest(outcomes: readonly Outcome[]): Outcome {
  for (const kind of weights) {
    const found = outcomes.find((outcome) => outcome.kind === kind);
    if (found !== undefined) return withAccepted(found, outcomes);
  }
  return filtered;
}

const parts: readonly EventPart[] = ['update', 'event'];

function withAccepted(outcome: Outcome, outcomes: readonly Outcome[]): Outcome {
  const accepted = parts[outcomes.findIndex(({ kind }) => kind === 'delivered')];
  return outcome.kind === 'discarded' && accepted !== undefined ? { ...outcome, accepted } : outcome;
}
