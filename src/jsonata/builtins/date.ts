import jsonata from 'jsonata';
import { fail } from '../runtime/failure.ts';
import { charge, now } from '../runtime/meter.ts';
import { pictureRisk } from '../picture-safety.ts';

/**
 * Formatting and parsing by pictures: https://docs.jsonata.org/date-time-functions. The rules are those of XPath and
 * fill a thousand lines of the reference, so its own functions are used: they are plain synchronous ones.
 */
type Implementation = (this: unknown, ...args: readonly unknown[]) => unknown;
type Builtins = Record<
  'formatInteger' | 'formatNumber' | 'fromMillis' | 'parseInteger' | 'toMillis',
  { readonly implementation: Implementation }
>;

const reference = (await jsonata(
  '{"formatInteger": $formatInteger, "formatNumber": $formatNumber, "fromMillis": $fromMillis, ' +
    '"parseInteger": $parseInteger, "toMillis": $toMillis}',
).evaluate({})) as Builtins;

/** A component that is padded to thousands of digits, such as `[Y,9999]`. */
const hugeWidth = /,[^\]]*\d{4}/;

/** The longest time that is parsed by a picture. */
const longestTime = 100;

export function formatInteger(value: unknown, picture: unknown): unknown {
  return run(reference.formatInteger.implementation, value, picture);
}

export function formatNumber(value: unknown, picture: unknown, options?: unknown): unknown {
  return run(reference.formatNumber.implementation, value, picture, options);
}

export function parseInteger(value: unknown, picture: unknown): unknown {
  return run(reference.parseInteger.implementation, value, picture);
}

export function fromMillis(value: unknown, picture?: unknown, timezone?: unknown): unknown {
  if (typeof picture === 'string' && hugeWidth.test(picture)) fail('D2015', picture);
  return run(reference.fromMillis.implementation, value, picture, timezone);
}

export function toMillis(value: string | undefined, picture?: string): unknown {
  if (value !== undefined && picture !== undefined) {
    if (value.length > longestTime) fail('D2015', value.length);
    if (pictureRisk(picture) !== undefined) fail('D1012', picture);
    if (hugeWidth.test(picture)) fail('D2015', picture);
  }
  return run(reference.toMillis.implementation, value, picture);
}

export function nowText(picture?: unknown, timezone?: unknown): unknown {
  return fromMillis(now(), picture, timezone);
}

function run(implementation: Implementation, ...args: readonly unknown[]): unknown {
  for (const arg of args) if (typeof arg === 'string') charge(arg.length);
  charge(150);
  return implementation.apply({ environment: { timestamp: new Date(now()) } }, [...args]);
}
