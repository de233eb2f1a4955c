import { fail } from './failure.ts';
import { charge } from './meter.ts';

/** Whether it is a number other than NaN; fails on an infinite one, as the reference does. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number') return false;
  if (value - value === 0) return true;
  return Number.isNaN(value) ? false : fail('D1001', value);
}

/** The value as a boolean, missing counting as false: https://docs.jsonata.org/boolean-functions#boolean. */
export function truth(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length > 0;
  if (typeof value === 'number') return isNumeric(value) && value !== 0;
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? anyTrue(value) : hasKeys(value);
}

function anyTrue(values: readonly unknown[]): boolean {
  charge(values.length);
  let any = false;
  // Each is cast, since casting may fail.
  for (let i = 0; i < values.length; i++) if (truth(values[i])) any = true;
  return any;
}

function hasKeys(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return true;
  return false;
}

/** `$boolean`: the cast, but missing stays missing. */
export function boolean(value: unknown): boolean | undefined {
  return value === undefined ? undefined : truth(value);
}

/** `$not`. */
export function not(value: unknown): boolean | undefined {
  return value === undefined ? undefined : !truth(value);
}
