/** What a message is taken to cost until some were seen: the first requests are small, and grow. */
const firstCredits = 64;
const firstBytes = 1_048_576;
/** Over how many messages what is expected follows what is seen. */
const memory = 16;
/** What a message takes beside its payload: its subject, and where it is acked. */
const overheadBytes = 256;

/** How many messages a request may ask for, by what those before were like. */
export class AskSize {
  readonly #mostBytes: () => number;
  #credits = firstCredits;
  #bytes = firstBytes;
  #seen = 0;

  /** @param mostBytes how many bytes may be asked for at the moment */
  constructor(mostBytes: () => number) {
    this.#mostBytes = mostBytes;
  }

  /** A message came, with so many bytes. */
  came(bytes: number): void {
    this.#seen = Math.min(memory, this.#seen + 1);
    this.#bytes += (bytes + overheadBytes - this.#bytes) / this.#seen;
  }

  /** It turned out to cost so many credits. */
  cost(credits: number): void {
    this.#credits += (credits - this.#credits) / memory;
  }

  /** At least one: a request for nothing would end at once. */
  of(freeCredits: number): number {
    const byCredits = freeCredits / Math.max(1, this.#credits);
    return Math.max(1, Math.floor(Math.min(byCredits, this.#mostBytes() / this.#bytes)));
  }
}
