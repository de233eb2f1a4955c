import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';

/** What Amplitude does with a user's properties, one operation after the other, as plainly as it can be written. */
export function applyPlainly(
  before: ReadonlyMap<string, unknown>,
  update: Record<string, unknown>,
): Map<string, unknown> {
  const after = new Map(before);
  const each = (operation: string, act: (name: string, operand: unknown) => void): void => {
    if (Object.hasOwn(update, operation)) Object.entries(update[operation] as object).forEach(([k, v]) => act(k, v));
  };
  const lists = (operation: string, act: (list: unknown[], items: unknown[]) => unknown[]): void =>
    each(operation, (name, operand) => {
      if (operand !== null) after.set(name, act(listOf(after.get(name)), listOf(operand)));
    });

  if (Object.hasOwn(update, '$clearAll')) after.clear();
  each('$unset', (name) => after.delete(name));
  each('$set', (name, value) => set(after, name, value));
  each('$setOnce', (name, value) => {
    if (!after.has(name)) set(after, name, value);
  });
  each('$add', (name, by) => {
    const start = after.get(name) ?? 0;
    if (typeof start === 'number' && typeof by === 'number') after.set(name, start + by);
  });
  lists('$append', (list, items) => list.concat(items));
  lists('$prepend', (list, items) => items.concat(list));
  lists('$preInsert', (list, items) => lacking(list, items).concat(list));
  lists('$postInsert', (list, items) => list.concat(lacking(list, items)));
  each('$remove', (name, operand) => {
    const value = after.get(name);
    if (value === undefined || operand === null) return;
    const isRemoved = (item: unknown): boolean => has(listOf(operand), item);
    if (Array.isArray(value))
      after.set(
        name,
        value.filter((item) => !isRemoved(item)),
      );
    else if (isRemoved(value)) after.delete(name);
  });
  for (const [name, value] of Object.entries(update)) if (!operationNames.has(name)) set(after, name, value);
  return after;
}

function set(properties: Map<string, unknown>, name: string, value: unknown): void {
  if (value === null) properties.delete(name);
  else properties.set(name, value);
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

function lacking(list: unknown[], items: unknown[]): unknown[] {
  const found: unknown[] = [];
  for (const item of items) if (!has(list, item) && !has(found, item)) found.push(item);
  return found;
}

function has(list: unknown[], item: unknown): boolean {
  return list.some((other) => isDeepStrictEqual(other, item));
}

const operationNames: ReadonlySet<string> = new Set(
  '$clearAll $unset $set $setOnce $add $append $prepend $preInsert $postInsert $remove'.split(' '),
);

/** Names of properties, with those that every JavaScript object has anyway. */
export const names = ['plan', 'visits', '__proto__', 'constructor', 'toString'] as const;

const scalar = fc.oneof(fc.constantFrom('a', 'b', '', true, false), fc.integer({ min: -3, max: 3 }));
const item = fc.oneof({ weight: 4, arbitrary: scalar }, fc.constantFrom({ a: 1, b: [2] }, { b: [2], a: 1 }, [1]));
const value = fc.oneof(item, fc.array(item, { maxLength: 4 }), fc.constant(null));

function record(values: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries));
}

const plain = record(value);

const operations = fc
  .record(
    {
      $clearAll: fc.constant('-'),
      $unset: record(fc.constant('-')),
      $set: record(value),
      $setOnce: record(value),
      $add: record(fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) }, value)),
      $append: record(value),
      $prepend: record(value),
      $preInsert: record(value),
      $postInsert: record(value),
      $remove: record(value),
    },
    { requiredKeys: [] },
  )
  // Nobody knows in which order a client writes its operations.
  .chain((chosen) => fc.shuffledSubarray(Object.entries(chosen), { minLength: Object.keys(chosen).length }));

/** A `user_properties` as an event may hold it: operations in any order, plain keys, or both. */
export const updates: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: operations }, fc.constant([])), plain)
  .map(([chosen, keys]) => Object.fromEntries([...Object.entries(keys), ...chosen]));
