/**
 * The messages that were delivered and never came, as far as they are awaited: what is newer is handed out after them.
 * Another engine may have them, and keep them, so they are not waited for without end.
 */
export class Missing {
  readonly #patienceMs: number;
  #count = 0;
  /** On the clock of `performance.now()`. */
  #until = 0;
  #overtaken = false;

  /** @param patienceMs how long to wait for the next of them */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Whether any are awaited. */
  get awaited(): boolean {
    return this.#count > 0;
  }

  /** Whether something new came while they were awaited: then the server is late, and is given time. */
  get overtaken(): boolean {
    return this.#overtaken;
  }

  /** Whether they have been waited for long enough. */
  get givenUp(): boolean {
    return performance.now() > this.#until;
  }

  /** So many are awaited from now on. */
  await(count: number): void {
    this.#count = count;
    this.#until = performance.now() + this.#patienceMs;
  }

  /** They are about to be counted anew: what comes from now on counts as having come since. */
  look(): void {
    this.#overtaken = false;
  }

  /** So many are awaited still, no longer than was said before. */
  recount(count: number): void {
    this.#count = count;
  }

  /** A message came while they were awaited: one of them, if it was delivered before. */
  came(redelivered: boolean): void {
    if (redelivered) this.await(this.#count - 1);
    else this.#overtaken = true;
  }
}
