import { backoffMs } from '../../core/backoff.ts';
import { messageOf } from '../../core/errors.ts';
import type { DiscardReason, Outcome } from '../../core/message.ts';
import { wait } from '../../core/wait.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { DeadLetters } from './dead-letter-store.ts';
import type { StreamMessage } from './stream-message.ts';

export interface DeadLetterWriterOptions {
  readonly sync: string;
  readonly stream: string;
  readonly deadLetters: DeadLetters;
  /** Told why a dead letter cannot be stored at the moment; null once it is. */
  readonly onUnstored: (trouble: string | null) => void;
}

export type Discarded = Extract<Outcome, { readonly reason: DiscardReason }>;

const backoff = { firstMs: 250, maxMs: 10_000 };

/** Writes dead letters, and tries for as long as it takes: nothing else may end the duty for their events. */
export class DeadLetterWriter {
  readonly #options: DeadLetterWriterOptions;

  constructor(options: DeadLetterWriterOptions) {
    this.#options = options;
  }

  /** Resolves once the letter is stored, with true; with false if `abandoned` fired while it could not be. */
  async write(message: StreamMessage, outcome: Discarded, index: number, abandoned: AbortSignal): Promise<boolean> {
    const { deadLetters, onUnstored } = this.#options;
    const letter = this.#letter(message, outcome, index);
    for (let attempt = 1; ; attempt++) {
      try {
        await deadLetters.publish(letter);
        if (attempt > 1) onUnstored(null);
        return true;
      } catch (error) {
        if (abandoned.aborted) return false;
        onUnstored(`a dead letter cannot be stored: ${messageOf(error)}`);
        await wait(backoffMs(attempt, backoff), abandoned);
      }
    }
  }

  #letter(message: StreamMessage, { reason, detail, attempts, accepted }: Discarded, index: number): DeadLetter {
    const { sync, stream } = this.#options;
    const { subject, sequence, storedAt, events } = message;
    const origin = { stream, subject, sequence, storedAt, index, events };
    const history = { attempts, accepted, replays: 0, firstFailedAt: undefined };
    return { sync, reason, detail, ...origin, ...history, payload: message.payloadOf(index) };
  }
}
