import { invoke } from '../runtime/call.ts';
import { deepEqual } from '../runtime/equality.ts';
import { fail } from '../runtime/failure.ts';
import { kindOf } from '../runtime/function.ts';
import { charge } from '../runtime/meter.ts';
import { mergeSort } from '../runtime/order.ts';
import { append as appendValues, sequence, type Sequence } from '../runtime/sequence.ts';
import { isNumeric } from '../runtime/truth.ts';

/** The array functions: https://docs.jsonata.org/array-functions. */

export function append(first: unknown, second: unknown): unknown {
  charge((lengthOf(first) + lengthOf(second)) / 8);
  return appendValues(first, second);
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 1;
}

export function reverse(values: readonly unknown[] | undefined): readonly unknown[] | undefined {
  if (values === undefined || values.length <= 1) return values;
  charge(values.length / 8);
  return Array.from(values).toReversed();
}

export function shuffle(values: readonly unknown[] | undefined): readonly unknown[] | undefined {
  if (values === undefined || values.length <= 1) return values;
  charge(values.length);
  const shuffled = Array.from(values);
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}

/** Without repetitions, by deep equality; each value stays where it came first. */
export function distinct(values: unknown): unknown {
  if (!Array.isArray(values) || values.length <= 1) return values;
  const results: unknown[] = (values as Sequence).sequence === true ? sequence() : [];
  const objects: unknown[] = [];
  const primitives = new Set<unknown>();
  charge(values.length);
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value === 'object' && value !== null) {
      charge(4 * objects.length);
      if (objects.some((object) => deepEqual(value, object))) continue;
      objects.push(value);
    } else {
      // A set holds NaN equal to itself; equality does not.
      if (primitives.has(value) && !Number.isNaN(value)) continue;
      primitives.add(value);
    }
    results.push(value);
  }
  return results;
}

export function zip(...lists: readonly unknown[]): readonly unknown[] {
  const length = Math.min(...lists.map((list) => (Array.isArray(list) ? list.length : 0)));
  const tuples: unknown[] = [];
  for (let i = 0; i < length; i++) {
    charge(lists.length);
    tuples.push(lists.map((list) => (list as readonly unknown[])[i]));
  }
  return tuples;
}

/** By the comparator, which says whether its first argument comes after its second; else numbers or texts upwards. */
export function sort(values: readonly unknown[] | undefined, comparator?: unknown): readonly unknown[] | undefined {
  if (values === undefined || values.length <= 1) return values;
  if (comparator !== undefined) {
    // The reference calls it as JavaScript, which fails for a function that a tail call passed on as it is.
    const direct = kindOf(comparator)?.kind;
    if (direct !== undefined && direct !== 'argument') fail(undefined, comparator);
    return mergeSort(values, (left, right) => Boolean(invoke(comparator, [left, right])));
  }
  charge(values.length);
  if (!allNumbers(values) && !values.every((value) => typeof value === 'string')) fail('D3070', values);
  return mergeSort(values, (left, right) => (left as number) > (right as number));
}

/** Looks at each, since an infinite one fails. */
function allNumbers(values: readonly unknown[]): boolean {
  return values.filter((value) => !isNumeric(value)).length === 0;
}
