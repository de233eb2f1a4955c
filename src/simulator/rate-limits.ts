/**
 * The limits on `/users/track` (https://www.braze.com/docs/api/api_limits): a burst, counted over any stretch of its
 * length, and an hour by the clock, which starts anew at the full hour. Refused requests do not count.
 */
import type { SimulatorSettings } from './options.ts';

/** Where a window stands. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, in milliseconds since 1970. */
  readonly resetAt: number;
}

const hourMs = 3_600_000;

export class RateLimits {
  /** When requests were admitted; those before `#oldest` have left the burst's window. */
  #admitted: number[] = [];
  #oldest = 0;
  #hour = 0;
  #inHour = 0;

  /** Counts a request, or names the window that has no room for it. */
  admit(now: number, settings: SimulatorSettings): Standing | undefined {
    const { burst, hourly } = this.#standings(now, settings);
    if (burst !== undefined && burst.remaining === 0) return burst;
    if (hourly !== undefined && hourly.remaining === 0) return hourly;
    if (settings.burst !== null) this.#admitted.push(now);
    this.#inHour++;
    return undefined;
  }

  /** What the headers tell: the hour where there is such a limit, else the burst. */
  standing(now: number, settings: SimulatorSettings): Standing {
    const { burst, hourly } = this.#standings(now, settings);
    // Recorded when the endpoint had no limit: the default of the other endpoints, and nothing taken off it.
    return hourly ?? burst ?? { limit: 250_000, remaining: 250_000, resetAt: (this.#hour + 1) * hourMs };
  }

  clear(): void {
    this.#admitted = [];
    this.#oldest = 0;
    this.#inHour = 0;
  }

  #standings(now: number, settings: SimulatorSettings): { burst?: Standing; hourly?: Standing } {
    const hour = Math.floor(now / hourMs);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#inHour = 0;
    }
    return { ...this.#burst(now, settings.burst), ...this.#hourly(settings.hourly) };
  }

  #burst(now: number, burst: SimulatorSettings['burst']): { burst?: Standing } {
    if (burst === null) return {};
    while ((this.#admitted[this.#oldest] ?? Infinity) <= now - burst.perMs) this.#oldest++;
    if (this.#oldest > 10_000) {
      this.#admitted = this.#admitted.slice(this.#oldest);
      this.#oldest = 0;
    }
    const used = this.#admitted.length - this.#oldest;
    // There is room again when enough of the oldest have left the window.
    const blocking = this.#admitted[this.#oldest + Math.max(0, used - burst.requests)] ?? now;
    return {
      burst: {
        limit: burst.requests,
        remaining: Math.max(0, burst.requests - used),
        resetAt: blocking + burst.perMs,
      },
    };
  }

  #hourly(limit: number | null): { hourly?: Standing } {
    if (limit === null) return {};
    const resetAt = (this.#hour + 1) * hourMs;
    return { hourly: { limit, remaining: Math.max(0, limit - this.#inHour), resetAt } };
  }
}
