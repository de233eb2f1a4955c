/** The newest items of a list that would otherwise grow for ever. */
export class Recent<T> {
  readonly #capacity: number;
  #items: T[] = [];
  /** Where the oldest item stands; what is before it was dropped, and is cut off now and then. */
  #first = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds an item and returns the one that had to go for it, if any. */
  push(item: T): T | undefined {
    this.#items.push(item);
    if (this.#items.length - this.#first <= this.#capacity) return undefined;
    const dropped = this.#items[this.#first++];
    if (this.#first > this.#capacity) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return dropped;
  }

  /** Oldest first. */
  toArray(): T[] {
    return this.#items.slice(this.#first);
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
  }
}
