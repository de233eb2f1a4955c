/**
 * The ledger of credits: how many more events may be unsettled at once.
 *
 * RxJS has no backpressure and its buffers have no bound. What bounds them is that the source asks the server for
 * no more than the free credits: whatever buffers stand behind the source, they hold no more than `capacity` events.
 */
export class Credits {
  readonly capacity: number;
  #free: number;
  #waiting: { readonly atLeast: number; readonly resolve: () => void }[] = [];
  /** The fewest that anybody waits for. */
  #leastAwaited = Infinity;
  #closed = false;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#free = capacity;
  }

  /** Below zero after messages that held more events than was known when they were asked for. */
  get free(): number {
    return this.#free;
  }

  take(count: number): void {
    this.#free -= count;
  }

  give(count: number): void {
    this.#free += count;
    if (this.#free >= this.#leastAwaited) this.#wake();
  }

  /** Resolves once so many credits are free, or the ledger is closed. */
  async available(atLeast: number): Promise<void> {
    if (this.#free >= atLeast || this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ atLeast, resolve });
    this.#leastAwaited = Math.min(this.#leastAwaited, atLeast);
    await promise;
  }

  /** Lets everybody go who waits: nothing will be asked for any more. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ atLeast }) => this.#closed || this.#free >= atLeast);
    this.#waiting = this.#waiting.filter((waiter) => !ready.includes(waiter));
    this.#leastAwaited = Math.min(...this.#waiting.map(({ atLeast }) => atLeast));
    for (const { resolve } of ready) resolve();
  }
}
