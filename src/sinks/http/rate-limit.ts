import { wait } from '../../core/wait.ts';

export interface RateLimitOptions {
  /** The most requests in any period of `perMs` milliseconds. */
  readonly requests: number;
  readonly perMs: number;
}

/**
 * The gate that all requests to one workspace pass: never more than `requests` in any window of `perMs`, however the
 * window lies, and none while a pause lasts. Who waits goes on in order of arrival.
 */
export class RateLimit {
  #requests: number;
  #perMs: number;
  /** When the last `requests` requests passed, in milliseconds; a ring whose oldest entry is at `#oldest`. */
  #passed: Float64Array;
  #oldest = 0;
  #pausedUntil = 0;
  #line: Promise<void> = Promise.resolve();
  #inLine = 0;

  constructor({ requests, perMs }: RateLimitOptions) {
    this.#requests = requests;
    this.#perMs = perMs;
    this.#passed = new Float64Array(requests).fill(-Infinity);
  }

  /** Narrows the limit to the stricter of its own and this one: the workspace is shared. */
  tighten({ requests, perMs }: RateLimitOptions): void {
    if (requests / perMs >= this.#requests / this.#perMs) return;
    this.#requests = requests;
    this.#perMs = perMs;
    this.#passed = new Float64Array(requests).fill(-Infinity);
    this.#oldest = 0;
  }

  /** Nobody passes for so long from now; a pause that lasts longer already stays. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + ms);
  }

  /** Resolves when the next request may leave, or when `abort` fires. */
  async pass(abort: AbortSignal): Promise<void> {
    if (this.#inLine === 0 && this.#waitMs() <= 0) return this.#count();
    this.#inLine++;
    const turn = this.#line.then(async () => {
      for (let ms = this.#waitMs(); ms > 0 && !abort.aborted; ms = this.#waitMs()) await wait(ms, abort);
      this.#count();
    });
    this.#line = turn.finally(() => this.#inLine--);
    await turn;
  }

  #waitMs(): number {
    const oldest = this.#passed[this.#oldest] ?? -Infinity;
    return Math.max(this.#pausedUntil, oldest + this.#perMs) - performance.now();
  }

  #count(): void {
    this.#passed[this.#oldest] = performance.now();
    this.#oldest = (this.#oldest + 1) % this.#requests;
  }
}
