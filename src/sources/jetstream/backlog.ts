import type { Credits } from './credits.ts';
import type { StreamMessage } from './stream-message.ts';

export interface BacklogOptions {
  readonly credits: Credits;
  /** Whether nothing is unsettled but what waits here. */
  readonly alone: () => boolean;
  readonly handOut: (message: StreamMessage) => void;
}

/** What is received and not handed out: messages can hold more events than there were credits for. */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #messages: StreamMessage[] = [];
  #handingOut = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.length;
  }

  add(message: StreamMessage): void {
    this.#messages.push(message);
  }

  /**
   * Hands out while there are credits; one message goes out even without, or a very large one would wait for ever. So do
   * all that were handed out before: they were under way together, and what a destination has of a user after a crash can
   * be told only from all of the user's updates that were.
   */
  handOut(): void {
    // A message can be done before the call that hands it out returns, and that leads here again.
    if (this.#handingOut) return;
    const { credits, alone, handOut } = this.#options;
    this.#handingOut = true;
    while (true) {
      const [message] = this.#messages;
      if (message === undefined || (credits.free < 0 && !alone() && !message.redelivered)) break;
      this.#messages.shift();
      handOut(message);
    }
    this.#handingOut = false;
  }

  /** The same, in the order of the stream: what came again came in the order in which it became due. */
  handOutInOrder(): void {
    this.#messages.sort((one, other) => one.sequence - other.sequence);
    this.handOut();
  }

  /** Has all of it delivered again. */
  giveBack(): void {
    for (const message of this.#messages.splice(0)) {
      message.giveBack();
      message.close();
    }
  }
}
