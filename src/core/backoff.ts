/** How long to wait between attempts. */
export interface BackoffOptions {
  /** The longest wait before the second attempt. */
  readonly firstMs: number;
  /** No wait is longer than this. */
  readonly maxMs: number;
}

/**
 * The wait before the next attempt: half of a ceiling that doubles with each attempt, and a random part of the other
 * half ("equal jitter"), so that many senders that failed together do not come back together.
 *
 * @param attempt how many attempts have failed so far, from 1
 */
export function backoffMs(
  attempt: number,
  { firstMs, maxMs }: BackoffOptions,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * (0.5 + random() / 2));
}
