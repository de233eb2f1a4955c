/** What the simulator tells of what it was sent, and to whom. */
export interface CurrentsOptions {
  /** Where batches are posted to. */
  readonly url: string;
  /** The bearer token. */
  readonly token: string;
  /** For how many of a hundred events a message is sent to the user, and perhaps opened. */
  readonly messagePercent?: number;
  /** How many of a hundred batches that arrived are posted a second time. */
  readonly repeatPercent?: number;
  /** Of so many events, one is of a type that nobody knows; 0 for never. */
  readonly unknownEvery?: number;
  /** How long an event waits for its batch to fill, in milliseconds: Braze takes 5 minutes. */
  readonly flushMs?: number;
  /** The most events in a batch. */
  readonly maxBatch?: number;
  /** What comes while so many events wait is not told. */
  readonly maxWaiting?: number;
  /** The longest wait before the second attempt, and before any, in milliseconds. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs?: number;
  readonly seed?: number;
}

export const defaultCurrents = {
  messagePercent: 10,
  repeatPercent: 2,
  unknownEvery: 500,
  flushMs: 300_000,
  maxBatch: 100,
  maxWaiting: 100_000,
  backoff: { firstMs: 500, maxMs: 30_000 },
  timeoutMs: 30_000,
  seed: 1,
} as const satisfies Partial<CurrentsOptions>;
