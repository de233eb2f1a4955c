import { fail } from '../runtime/failure.ts';
import { charge } from '../runtime/meter.ts';

/** The numeric and aggregation functions: https://docs.jsonata.org/numeric-functions, /aggregation-functions. */

export function number(value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return fail('D3030', value);
  if (decimal.test(value) && Number.isFinite(Number(value))) return Number.parseFloat(value);
  // The reference anchors only the outer alternatives, and so does this.
  return radix.test(value) ? Number(value) : fail('D3030', value);
}

const decimal = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/;
const radix = /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/;

export function abs(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.abs(value);
}

export function floor(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.floor(value);
}

export function ceil(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.ceil(value);
}

/** Rounds halves to the even neighbour; shifts the decimal point in text, which adds no error of its own. */
export function round(value: number | undefined, precision?: number): number | undefined {
  if (value === undefined) return undefined;
  const shifted = precision ? shift(value, precision) : value;
  let rounded = Math.round(shifted);
  if (Math.abs(rounded - shifted) === 0.5 && Math.abs(rounded % 2) === 1) rounded--;
  const result = precision ? shift(rounded, -precision) : rounded;
  return Object.is(result, -0) ? 0 : result;
}

function shift(value: number, places: number): number {
  const [digits, exponent] = value.toString().split('e');
  return Number(`${digits}e${exponent === undefined ? places : Number(exponent) + places}`);
}

export function sqrt(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  return value < 0 ? fail('D3060', value) : Math.sqrt(value);
}

export function power(base: number | undefined, exponent: number): number | undefined {
  if (base === undefined) return undefined;
  const result = base ** exponent;
  return Number.isFinite(result) ? result : fail('D3061', base);
}

export function formatBase(value: number | undefined, base?: number): string | undefined {
  if (value === undefined) return undefined;
  const radix = base === undefined ? 10 : (round(base) as number);
  if (radix < 2 || radix > 36) fail('D3100', radix);
  return (round(value) as number).toString(radix);
}

export function sum(values: readonly number[] | undefined): number | undefined {
  if (values === undefined) return undefined;
  charge(values.length / 8);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

export function count(values: readonly unknown[] | undefined): number {
  return values === undefined ? 0 : values.length;
}

export function max(values: readonly number[] | undefined): number | undefined {
  return extreme(values, Math.max);
}

export function min(values: readonly number[] | undefined): number | undefined {
  return extreme(values, Math.min);
}

export function average(values: readonly number[] | undefined): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return (sum(values) as number) / values.length;
}

function extreme(values: readonly number[] | undefined, pick: (a: number, b: number) => number): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  charge(values.length / 4);
  let best = values[0] as number;
  for (let i = 1; i < values.length; i++) best = pick(best, values[i] as number);
  return best;
}
