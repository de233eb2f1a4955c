/** The last so many numbers that were added. To add is cheap, to look is not: it is for what happens rarely. */
export class Recent {
  readonly #ring: Float64Array;
  #next = 0;

  constructor(capacity: number) {
    this.#ring = new Float64Array(capacity).fill(Number.NaN);
  }

  add(value: number): void {
    this.#ring[this.#next] = value;
    this.#next = (this.#next + 1) % this.#ring.length;
  }

  has(value: number): boolean {
    return this.#ring.indexOf(value) !== -1;
  }
}
