/**
 * Lets so many tasks run at once; the others wait in their order, for so long at most. Whoever starts tasks bounds how
 * many can wait.
 */
export class Slots {
  #free: number;
  readonly #maxWaitMs: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number, maxWaitMs: number) {
    this.#free = count;
    this.#maxWaitMs = maxWaitMs;
  }

  /** @throws SlotTimeoutError, when the task was not started */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#turn();
    try {
      return await task();
    } finally {
      // The slot goes to the next one directly, so that nobody comes in between.
      const [next] = this.#waiting;
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        clearTimeout(deadline);
        this.#waiting.delete(start);
        resolve();
      };
      const deadline = setTimeout(() => {
        this.#waiting.delete(start);
        reject(new SlotTimeoutError('all slots are taken'));
      }, this.#maxWaitMs);
      this.#waiting.add(start);
    });
  }
}

export class SlotTimeoutError extends Error {
  override readonly name = 'SlotTimeoutError';
}
