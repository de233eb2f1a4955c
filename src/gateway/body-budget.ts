import type { Socket } from 'node:net';

/** A request whose bytes count, from the first until it is answered and its events have left for the stream. */
export interface Share {
  /** Asks for so many bytes more. False: there are none to be had, and the client has to come again. */
  take(bytes: number): boolean;
  /** The body is whole: from now on nobody may end it in favour of another. */
  complete(): void;
  /** Gives all bytes back. May be called again. */
  release(): void;
}

/** A body that has not grown for so long, in ms, gives way when memory is short. */
const staleMs = 2_000;

/**
 * The bytes of all requests that are under way: this is what bounds the gateway's memory when the stream is slow. When
 * they run out, a body that has stalled gives way first, so that clients which send slowly cannot shut others out.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #reading = new Set<Reader>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a new request may come in at all. */
  get exhausted(): boolean {
    return this.#bytes >= this.#maxBytes && this.#stale() === undefined;
  }

  share(socket: Pick<Socket, 'destroy'>): Share {
    const reader: Reader = { bytes: 0, movedAt: performance.now(), socket };
    this.#reading.add(reader);
    return {
      take: (bytes) => this.#take(reader, bytes),
      complete: () => void this.#reading.delete(reader),
      release: () => this.#release(reader),
    };
  }

  #take(reader: Reader, bytes: number): boolean {
    reader.movedAt = performance.now();
    for (let stale; this.#bytes + bytes > this.#maxBytes; this.#release(stale)) {
      stale = this.#stale();
      if (stale === undefined) return false;
      stale.socket.destroy();
    }
    reader.bytes += bytes;
    this.#bytes += bytes;
    return true;
  }

  /** Called only when memory is short, which is when walking over all readers is worth it. */
  #stale(): Reader | undefined {
    const before = performance.now() - staleMs;
    for (const reader of this.#reading) if (reader.bytes > 0 && reader.movedAt < before) return reader;
    return undefined;
  }

  #release(reader: Reader): void {
    this.#reading.delete(reader);
    this.#bytes -= reader.bytes;
    reader.bytes = 0;
  }
}

interface Reader {
  bytes: number;
  movedAt: number;
  readonly socket: Pick<Socket, 'destroy'>;
}
