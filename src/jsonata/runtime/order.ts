import { fail } from './failure.ts';
import { charge } from './meter.ts';
import { sequenceOf } from './sequence.ts';

/** One term of an order-by: what it compares, and whether downwards. */
export type Term = readonly [value: (item: unknown) => unknown, descending: boolean];

/** `^(…)`: https://docs.jsonata.org/sorting-grouping#sorting. Two items or more become a plain array. */
export function orderBy(items: readonly unknown[], terms: readonly Term[]): readonly unknown[] {
  if (items.length === 1) return sequenceOf(items[0]);
  return mergeSort(items, (left, right) => {
    for (const [valueOf, descending] of terms) {
      const order = compareTerms(valueOf(left), valueOf(right), descending);
      if (order !== 0) return order > 0;
    }
    return false;
  });
}

/** A stable merge sort. It asks `after` for the same pairs in the same order as the reference does. */
export function mergeSort(
  items: readonly unknown[],
  after: (left: unknown, right: unknown) => boolean,
): readonly unknown[] {
  if (items.length <= 1) return items;
  const middle = Math.floor(items.length / 2);
  const left = mergeSort(items.slice(0, middle), after);
  const right = mergeSort(items.slice(middle), after);
  charge(items.length);
  const merged: unknown[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) merged.push(after(left[l], right[r]) ? right[r++] : left[l++]);
  while (l < left.length) merged.push(left[l++]);
  while (r < right.length) merged.push(right[r++]);
  return merged;
}

/** Missing values come last, whichever the direction. */
function compareTerms(left: unknown, right: unknown, descending: boolean): number {
  if (left === undefined) return right === undefined ? 0 : 1;
  if (right === undefined) return -1;
  if (!orders(left) || !orders(right)) return fail('T2008', orders(left) ? right : left);
  if (typeof left !== typeof right) return fail('T2007', left);
  if (left === right) return 0;
  return left < right === descending ? 1 : -1;
}

function orders(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
