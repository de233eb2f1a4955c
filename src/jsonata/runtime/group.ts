import { fail } from './failure.ts';
import { charge } from './meter.ts';
import { appendTo } from './sequence.ts';

/** A pair of an object constructor: what makes the key of an item, and what makes the value of a group. */
export type Pair = readonly [key: (item: unknown) => unknown, value: (context: unknown) => unknown];

/** `{ key: value, … }`: https://docs.jsonata.org/sorting-grouping#grouping. */
export function group(input: unknown, pairs: readonly Pair[]): Record<string, unknown> {
  const groups = new Map<string, { readonly items: unknown[]; readonly pair: number }>();
  for (const item of itemsOf(input)) {
    charge(pairs.length);
    for (const [pair, [keyOf]] of pairs.entries()) {
      const key = keyOf(item);
      if (key === undefined) continue;
      if (typeof key !== 'string') return fail('T1003', key);
      if (key === '_jsonata_lambda' || key === '_jsonata_function') return fail('D1013', key);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { items: [item], pair });
      else if (known.pair !== pair) return fail('D1009', key);
      else known.items.push(item);
    }
  }
  const result = emptyObject();
  for (const key of keyOrder(groups.keys())) {
    const entry = groups.get(key);
    const value = entry && pairs[entry.pair]?.[1](groupAll(entry.items));
    if (value !== undefined) result[key] = value;
  }
  return result;
}

/** The items of a group as one context: one item is itself, several are an array. */
export function groupAll(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  const items = input.filter((item) => item !== undefined);
  if (items.length < 2) return items[0] as unknown;
  charge(items.length);
  const context: unknown[] = [];
  for (const item of items) appendTo(context, item);
  return context;
}

/** Objects of results have no prototype, so that any key of the data is a plain one. */
export function emptyObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** The order in which an object lists its keys: integers first. */
function keyOrder(keys: Iterable<string>): readonly string[] {
  const order = emptyObject();
  for (const key of keys) order[key] = true;
  return Object.keys(order);
}

function itemsOf(input: unknown): readonly unknown[] {
  if (!Array.isArray(input)) return [input];
  // An empty input makes one object still, from nothing.
  return input.length === 0 ? [undefined] : input;
}
