/** Waiting for something to become true, without asking over and over. */

export class Changes {
  readonly #checks = new Set<() => void>();
  #announced = false;

  /** Says that something has changed. Many changes at a time cost one look. */
  announce(): void {
    if (this.#announced || this.#checks.size === 0) return;
    this.#announced = true;
    setImmediate(() => {
      this.#announced = false;
      for (const check of this.#checks) check();
    });
  }

  /** Resolves once the condition holds; rejects with its error, or after the time given. */
  async until(condition: () => boolean, timeoutMs: number, describe: () => string): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = (): void => {
      try {
        if (condition()) resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const timer = setTimeout(() => {
      reject(new Error(`The condition did not come true within ${timeoutMs} ms. ${describe()}`));
    }, timeoutMs);
    this.#checks.add(check);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#checks.delete(check);
    }
  }
}
