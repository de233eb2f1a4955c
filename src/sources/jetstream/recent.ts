/** The last so many numbers that were added, at least; twice as many at most. */
export class Recent {
  readonly #capacity: number;
  #young = new Set<number>();
  #old = new Set<number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(value: number): void {
    this.#young.add(value);
    if (this.#young.size < this.#capacity) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  has(value: number): boolean {
    return this.#young.has(value) || this.#old.has(value);
  }
}
