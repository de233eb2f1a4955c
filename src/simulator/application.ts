/**
 * When accepted objects are applied. A 201 says queued; consistency takes 10 to 100 ms, sometimes seconds
 * (https://www.braze.com/docs/api/api_limits), and between requests there is no order at all
 * (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#frequently-asked-questions).
 */
import type { SimulatorSettings } from './options.ts';

/** Work that waits for its time. Times are in milliseconds since 1970. */
export class ApplicationQueue {
  /** In the order in which it is due; what is due at the same time, in the order in which it came. */
  #waiting: { readonly due: number; readonly apply: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastDue = 0;
  #answeredDue = 0;

  get length(): number {
    return this.#waiting.length;
  }

  /** When the last of those requests is due that are answered already: a request that comes now may not overtake it. */
  get answeredDue(): number {
    return this.#answeredDue;
  }

  /** Says that the request which is due then is no longer in flight. */
  answered(due: number): void {
    this.#answeredDue = Math.max(this.#answeredDue, due);
  }

  /**
   * Adds the work of one request and answers when it is due.
   *
   * @param overtaken what `answeredDue` was when the request came in
   */
  add(apply: () => void, delayMs: number, order: SimulatorSettings['applicationOrder'], overtaken: number): number {
    const now = Date.now();
    const earliest = { accepted: this.#lastDue, overlapping: overtaken, any: 0 }[order];
    const due = Math.max(now + delayMs, earliest);
    this.#lastDue = Math.max(this.#lastDue, due);
    const place = this.#waiting.findLastIndex((entry) => entry.due <= due) + 1;
    this.#waiting.splice(place, 0, { due, apply });
    if (due <= now) this.#applyDue();
    else if (place === 0) this.#schedule();
    return due;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#applyDue();
      },
      Math.max(0, first.due - Date.now()),
    );
  }

  #applyDue(): void {
    const now = Date.now();
    const later = this.#waiting.findIndex((entry) => entry.due > now);
    const due = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later);
    for (const { apply } of due) apply();
    this.#schedule();
  }
}
