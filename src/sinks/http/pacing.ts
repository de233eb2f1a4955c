import type { BackoffOptions } from '../../core/backoff.ts';

/** How long to wait before a request is sent again, in milliseconds. */
export interface Pacing {
  /** When no usable answer came, or one that does not say how long. */
  readonly backoff: BackoffOptions;
  /** The longest wait while no request can succeed: what is wrong may be mended at any moment. */
  readonly holdMs: number;
  /** The longest pause that is obeyed. */
  readonly maxPauseMs: number;
}

export const defaultPacing: Pacing = {
  backoff: { firstMs: 500, maxMs: 30_000 },
  holdMs: 10_000,
  // Braze's longest window is the clock hour; whatever asks for more comes of two clocks that differ.
  maxPauseMs: 3_600_000,
};
