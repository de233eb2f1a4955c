import type { Message, Outcome } from './message.ts';
import { Envelope, filtered } from './message.ts';

/**
 * Two envelopes for one event, which is settled when both are: given back if either is, else discarded if either is,
 * else delivered if either is, else filtered. So an event can be sent and update its user at once.
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
    if (found !== undefined) return found;
  }
  return filtered;
}
