import { fail } from './failure.ts';
import { bounded, charge } from './meter.ts';
import type { Sequence } from './sequence.ts';
import { isNumeric } from './truth.ts';

/** `$string` of a value that is not missing. */
export function text(value: unknown, prettify: unknown = false): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'function') return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(rounded(value)) : fail('D3001', value);
  const unwrapped = Array.isArray(value) && (value as Sequence).outerWrapper === true ? (value[0] as unknown) : value;
  return bounded(JSON.stringify(unwrapped, asJson, prettify ? 2 : 0));
}

/** `&`: a missing side is the empty text. */
export function concat(left: unknown, right: unknown): string {
  return bounded((left === undefined ? '' : text(left)) + (right === undefined ? '' : text(right)));
}

/** How many characters, counted as code points. */
export function codePoints(value: string): number {
  let count = value.length;
  for (let i = 0; i < value.length - 1; i++) {
    // A high surrogate before a low one.
    if ((value.charCodeAt(i) & 0xfc00) === 0xd800 && (value.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

/** Numbers are written with 15 digits, which hides the noise of binary fractions; functions are the empty text. */
function asJson(_key: string, value: unknown): unknown {
  charge(5);
  if (isNumeric(value)) return rounded(value);
  return typeof value === 'function' ? '' : value;
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(15));
}
