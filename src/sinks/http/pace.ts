import { AdmittedRate } from './admitted-rate.ts';

/** How far below the rate at which it was refused a sender goes. */
const backOff = 0.1;
/** How long it then takes to come back to that rate, in milliseconds. Above it the rate rises ever faster. */
const returnMs = 10_000;
/** After so long without a refusal nothing is learned any more: the limit was raised, or whoever shared it has gone. */
const forgetMs = 5 * returnMs;
/** No pace is slower, in requests a millisecond: what is refused then waits as told, and there is little of it. */
const slowestPerMs = 0.01;
/** How late a request may be and still be made up for: timers are late by a millisecond or two, each time. */
const toleranceMs = 20;

/**
 * A rate of requests that is learned from refusals: no limit before the first; after one, a little less than what was
 * admitted, and from there along the cubic curve of RFC 9438 (rfc-editor.org/rfc/rfc9438): quickly back to near the rate
 * at which it was refused, slowly past it, and then faster and faster. So a limit is met by a refusal every ten to
 * fifteen seconds, and one that is raised is found within a minute. Requests are spaced evenly, so that few are under
 * way when one is refused.
 */
export class Pace {
  readonly #admitted: AdmittedRate;
  /** The rate, in requests a millisecond, at which a request was refused last. */
  #refusedAt = Infinity;
  #slowedAt = -Infinity;
  #roomAt = -Infinity;

  /** @param windowMs how long the destination counts requests together, in milliseconds */
  constructor(windowMs: number) {
    this.#admitted = new AdmittedRate(windowMs);
  }

  /** When there is room for one more request. */
  roomAt(now: number): number {
    return now - this.#slowedAt >= forgetMs ? -Infinity : this.#roomAt;
  }

  /** A request leaves. */
  count(now: number): void {
    const perMs = this.#perMs(now);
    if (perMs !== Infinity) this.#roomAt = Math.max(this.#roomAt, now - toleranceMs) + 1 / perMs;
  }

  /** A request was not one too many. */
  admitted(now: number): void {
    this.#admitted.count(now);
  }

  /** A request that left at `leftAt` was one too many. Those that left before the last such one say nothing new. */
  refused(leftAt: number, now: number): void {
    if (leftAt < this.#slowedAt) return;
    this.#refusedAt = Math.max(slowestPerMs, Math.min(this.#perMs(now), this.#admitted.perMs(now)));
    this.#slowedAt = now;
    this.#roomAt = now;
  }

  #perMs(now: number): number {
    const sinceMs = now - this.#slowedAt;
    if (sinceMs >= forgetMs) return Infinity;
    return Math.max(slowestPerMs, this.#refusedAt * (1 + backOff * (sinceMs / returnMs - 1) ** 3));
  }
}
