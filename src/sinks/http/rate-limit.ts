import { Pace } from './pace.ts';

export interface RateLimitOptions {
  /** The most requests in any period of `perMs` milliseconds. */
  readonly requests: number;
  readonly perMs: number;
}

/**
 * The gate that all requests to one workspace pass: never more than `requests` in any window of `perMs`, however the
 * window lies, none while a pause lasts, and no faster than what the destination was seen to admit if that is less. Who
 * waits goes on in order of arrival.
 *
 * After a pause one request goes ahead and the others wait for what becomes of it, so that a destination in trouble is
 * asked by one and not by all at once. So whoever has passed says what came of it: `pause`, `retreat` or `resume`.
 */
export class RateLimit {
  readonly #windows: SlidingWindow[];
  readonly #pace: Pace;
  /** Who waits, in order of arrival: each is called when it may go. */
  readonly #line = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #state: 'open' | 'paused' | 'trying' = 'open';
  #pausedUntil = 0;

  constructor(limit: RateLimitOptions) {
    this.#windows = [new SlidingWindow(limit)];
    this.#pace = new Pace(limit.perMs);
  }

  /** From now on this limit holds as well: the workspace is shared. */
  tighten(limit: RateLimitOptions): void {
    if (!this.#windows.some((window) => window.implies(limit))) this.#windows.push(new SlidingWindow(limit));
  }

  /** Nobody passes for so long from now; a pause that lasts longer already stays. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + ms);
    this.#state = 'paused';
    this.#admit();
  }

  /** The request that went ahead has failed without a reason to pause longer: the next one goes ahead after so long. */
  retreat(ms: number): void {
    if (this.#state === 'trying') this.pause(ms);
  }

  /** A request that had passed was not one too many. */
  admitted(): void {
    this.#pace.admitted(performance.now());
  }

  /** A request that had passed at `leftAt`, on the clock of `performance.now()`, was one too many: less from now on. */
  slowDown(leftAt: number): void {
    this.#pace.refused(leftAt, performance.now());
  }

  /** A request that had passed has ended without a reason to pause. */
  resume(): void {
    if (this.#state !== 'trying') return;
    this.#state = 'open';
    this.#admit();
  }

  /** Resolves to true when the next request may leave, or to false as soon as `abort` has fired. */
  async pass(abort: AbortSignal): Promise<boolean> {
    if (abort.aborted) return false;
    if (this.#line.size === 0 && this.#waitMs() <= 0) {
      this.#take();
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const leave = (passed: boolean): void => {
      this.#line.delete(goOn);
      abort.removeEventListener('abort', giveUp);
      resolve(passed);
    };
    const goOn = (): void => leave(true);
    const giveUp = (): void => {
      leave(false);
      this.#admit();
    };
    this.#line.add(goOn);
    abort.addEventListener('abort', giveUp, { once: true });
    this.#admit();
    return await promise;
  }

  /** Lets everybody go who may, and looks again when the next one may. */
  #admit(): void {
    clearTimeout(this.#timer);
    for (const goOn of this.#line) {
      const ms = this.#waitMs();
      if (ms > 0) {
        if (ms !== Infinity) this.#timer = setTimeout(() => this.#admit(), Math.min(Math.ceil(ms), longestTimerMs));
        return;
      }
      this.#take();
      goOn();
    }
  }

  /** How long the next one has to wait; Infinity if that hangs on what becomes of the one that went ahead. */
  #waitMs(): number {
    if (this.#state === 'trying') return Infinity;
    const now = performance.now();
    const roomAt = this.#windows.map((window) => window.roomAt);
    return Math.max(this.#pausedUntil, this.#pace.roomAt(now), ...roomAt) - now;
  }

  #take(): void {
    if (this.#state === 'paused') this.#state = 'trying';
    const now = performance.now();
    for (const window of this.#windows) window.count(now);
    this.#pace.count(now);
  }
}

/** What a timer of Node can hold; above it fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One limit, and what has passed under it. */
class SlidingWindow {
  readonly #limit: RateLimitOptions;
  /** When the last `requests` requests passed, on the clock that never jumps; a ring whose oldest entry is at `#oldest`. */
  readonly #passed: Float64Array;
  #oldest = 0;

  constructor(limit: RateLimitOptions) {
    this.#limit = limit;
    this.#passed = new Float64Array(limit.requests).fill(-Infinity);
  }

  /** Whether who keeps this limit keeps the other one, too. */
  implies({ requests, perMs }: RateLimitOptions): boolean {
    return this.#limit.requests <= requests && this.#limit.perMs >= perMs;
  }

  /** When there is room for one more request. */
  get roomAt(): number {
    return (this.#passed[this.#oldest] ?? -Infinity) + this.#limit.perMs;
  }

  count(now: number): void {
    this.#passed[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#limit.requests;
  }
}
