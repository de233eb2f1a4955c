/** How many requests a destination has admitted in the last `windowMs` milliseconds. */
export class AdmittedRate {
  readonly #windowMs: number;
  /** Those before `#oldest` have left the window. */
  #times: number[] = [];
  #oldest = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  count(now: number): void {
    this.#times.push(now);
    this.#forget(now);
  }

  /** In requests a millisecond. */
  perMs(now: number): number {
    this.#forget(now);
    return (this.#times.length - this.#oldest) / this.#windowMs;
  }

  #forget(now: number): void {
    while ((this.#times[this.#oldest] ?? Infinity) <= now - this.#windowMs) this.#oldest++;
    if (this.#oldest < 1_000 || this.#oldest < this.#times.length / 2) return;
    this.#times = this.#times.slice(this.#oldest);
    this.#oldest = 0;
  }
}
