import { backoffMs, type BackoffOptions } from '../../core/backoff.ts';

/**
 * Counts requests that fail one after the other, and says when nobody shall ask for a while: after `tolerated` of them
 * without an answer in between, and then after each one that asked whether it is over, for longer and longer.
 */
export class Circuit {
  readonly #tolerated: number;
  #failures = 0;
  #openings = 0;
  #openedAt = -Infinity;

  constructor(tolerated: number) {
    this.#tolerated = tolerated;
  }

  /**
   * A request that left at `leftAt` has failed. Answers how long nobody shall ask, in milliseconds; undefined if that
   * changes nothing: those that were under way when the circuit opened fail for the reason that is known.
   */
  failed(leftAt: number, now: number, backoff: BackoffOptions): number | undefined {
    if (leftAt < this.#openedAt) return undefined;
    if (++this.#failures <= this.#tolerated) return undefined;
    this.#openedAt = now;
    return backoffMs(++this.#openings, backoff);
  }

  /**
   * A request that left at `leftAt` was answered. Answers whether that is news: what left before the circuit opened
   * does not say that it may be closed.
   */
  answered(leftAt: number): boolean {
    if (leftAt < this.#openedAt) return false;
    this.#failures = 0;
    this.#openings = 0;
    return true;
  }
}
