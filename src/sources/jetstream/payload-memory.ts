/**
 * Memory for the payloads of unsettled messages: side by side in blocks, each of which is given back once nobody needs
 * what is in it.
 *
 * As it comes, a payload lies in the chunk that was read from the socket, which lives as long as the slowest message in it.
 * By then it is old to the collector, which frees what is old by collecting all of the heap. A block is freed at once.
 */
export class PayloadMemory {
  #block = new Block(blockBytes);

  /** The block that has room for a payload of so many bytes. */
  blockFor(bytes: number): Block {
    if (bytes > largest) return new Block(bytes, { sealed: true });
    if (this.#block.free < bytes) {
      this.#block.seal();
      this.#block = new Block(blockBytes);
    }
    return this.#block;
  }
}

/** As much as is read from a socket at once. */
const blockBytes = 64 * 1024;
/** A payload of more bytes than this has a block to itself: the end of a block that has no room for it stays empty. */
const largest = 4_096;

/** Bytes that are in use as long as one of the payloads in them is. */
export class Block {
  readonly #bytes: Buffer<ArrayBuffer>;
  #used = 0;
  #payloads = 0;
  #sealed: boolean;

  /** @param sealed whether the next payload is its last one */
  constructor(size: number, { sealed = false } = {}) {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#sealed = sealed;
  }

  /** How many bytes more it has room for. */
  get free(): number {
    return this.#bytes.byteLength - this.#used;
  }

  /** Copies a payload, for which `release` is to be called once. */
  keep(payload: Uint8Array): Buffer<ArrayBuffer> {
    const start = this.#used;
    this.#used += payload.byteLength;
    this.#payloads++;
    this.#bytes.set(payload, start);
    return this.#bytes.subarray(start, this.#used);
  }

  /** One of its payloads is not needed any more; it may be empty from now on. */
  release(): void {
    this.#payloads--;
    this.#freeIfDone();
  }

  /** It gets no more payloads. */
  seal(): void {
    this.#sealed = true;
    this.#freeIfDone();
  }

  #freeIfDone(): void {
    if (this.#sealed && this.#payloads === 0) this.#bytes.buffer.transfer(0);
  }
}
