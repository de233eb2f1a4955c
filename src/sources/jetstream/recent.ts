/**
 * The last so many messages that were added, each by its number in the stream and its time there: a stream that lost its
 * end with its machine gives the numbers out again. To add is cheap, to look is not: it is for what happens rarely.
 */
export class Recent {
  readonly #sequences: Float64Array;
  readonly #times: Float64Array;
  #next = 0;

  constructor(capacity: number) {
    this.#sequences = new Float64Array(capacity).fill(Number.NaN);
    this.#times = new Float64Array(capacity);
  }

  add({ sequence, storedAt }: Numbered): void {
    this.#sequences[this.#next] = sequence;
    this.#times[this.#next] = storedAt;
    this.#next = (this.#next + 1) % this.#sequences.length;
  }

  has({ sequence, storedAt }: Numbered): boolean {
    for (let at = this.#sequences.indexOf(sequence); at !== -1; at = this.#sequences.indexOf(sequence, at + 1))
      if (this.#times[at] === storedAt) return true;
    return false;
  }
}

interface Numbered {
  readonly sequence: number;
  /** In milliseconds since 1970. */
  readonly storedAt: number;
}
