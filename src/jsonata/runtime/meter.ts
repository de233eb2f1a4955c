import { fail } from './failure.ts';

/**
 * What one evaluation may spend. Evaluations are synchronous, so that one record serves them all: each begins by
 * filling it.
 *
 * A unit stands for the turn of a loop or a step of about as much work. The limits are counted, not timed: an event
 * must have the same outcome each time that it is delivered.
 */
export const meter = {
  fuel: 0,
  depth: 0,
  /** The time of this evaluation, in milliseconds since 1970; taken when it is first asked for, then fixed. */
  now: undefined as number | undefined,
};

/** Chosen so that spending it all takes less than 50 ms on a small machine. */
const fuelLimit = 800_000;
/** Calls of lambdas inside each other. */
export const depthLimit = 400;
/** Characters of a text that an expression makes. */
export const textLimit = 2_000_000;

export function begin(): void {
  meter.fuel = fuelLimit;
  meter.depth = 0;
  meter.now = undefined;
}

/** Pays for work that is about to be done. */
export function charge(units: number): void {
  if ((meter.fuel -= units) < 0) fail('D1012');
}

export function now(): number {
  return (meter.now ??= Date.now());
}

/** Refuses a text that has grown too long, before something walks over it. */
export function bounded(text: string): string {
  return text.length > textLimit ? fail('D2015', text.length) : text;
}
