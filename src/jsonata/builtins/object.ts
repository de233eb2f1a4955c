import { fail } from '../runtime/failure.ts';
import { emptyObject } from '../runtime/group.ts';
import { charge } from '../runtime/meter.ts';
import { lookup as lookupValue } from '../runtime/path.ts';
import { appendTo, sequence, type Sequence } from '../runtime/sequence.ts';
import { text } from '../runtime/text.ts';
import { isNumeric } from '../runtime/truth.ts';

/** The object functions: https://docs.jsonata.org/object-functions. */

/** The keys of an object, or of all objects of an array. */
export function keys(value: unknown): Sequence {
  const result = sequence();
  for (const key of Object.keys(keysOf(value, emptyObject()))) result.push(key);
  return result;
}

/** An array's keys gather in an object, which also puts them in the order that the reference gives. */
function keysOf(value: unknown, gathered: Record<string, unknown>): object {
  if (Array.isArray(value)) {
    charge(value.length);
    for (const item of value as readonly unknown[])
      for (const key of Object.keys(keysOf(item, emptyObject()))) gathered[key] = true;
    return gathered;
  }
  if (typeof value !== 'object' || value === null) return gathered;
  charge(4);
  return value;
}

export function lookup(value: unknown, key: string): unknown {
  return lookupValue(value, key);
}

/** An array of objects of one key each. Of an array, what each member gives, as one array that is not a sequence. */
export function spread(value: unknown): unknown {
  if (!Array.isArray(value)) return spreadObject(value);
  let result: unknown = sequence();
  if (value.length === 0) return result;
  result = [];
  for (const item of value as readonly unknown[]) {
    charge(1);
    appendTo(result as unknown[], spread(item));
  }
  return result;
}

function spreadObject(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const result = sequence();
  for (const [key, item] of Object.entries(value)) {
    charge(10);
    const object = emptyObject();
    object[key] = item;
    result.push(object);
  }
  return result;
}

/** One object of all the keys; the last wins. */
export function merge(objects: readonly unknown[] | undefined): Record<string, unknown> | undefined {
  if (objects === undefined) return undefined;
  const result = emptyObject();
  for (const object of objects) {
    charge(1);
    for (const key of keysIn(object)) {
      charge(1);
      result[key] = (object as Record<string, unknown>)[key];
    }
  }
  return result;
}

export function keysIn(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** A deep copy, through JSON. */
export function clone(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(text(value)) as unknown);
}

export function type(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return 'null';
  if (isNumeric(value)) return 'number';
  if (Array.isArray(value)) return 'array';
  const name = typeof value;
  // NaN is a number to JavaScript only.
  return name === 'string' || name === 'boolean' || name === 'function' ? name : 'object';
}

export function exists(value: unknown): boolean {
  return value !== undefined;
}

export function error(message: string | undefined): never {
  return fail('D3137', message, message || '$error() function evaluated');
}

export function assert(condition: boolean | undefined, message: string | undefined): undefined {
  return condition ? undefined : fail('D3141', message, message || '$assert() statement failed');
}
