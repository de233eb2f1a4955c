import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { operationsIn, valueAfter } from '../../src/profiles/operations.ts';
import type { Report } from '../../src/profiles/reports.ts';
import { frozen } from './frozen.ts';
import { applyPlainly, names, updates } from './model.ts';

/** The value of the property `p` after the updates, and what was reported. */
function after(before: unknown, ...said: readonly Record<string, unknown>[]): { value: unknown; why: string[] } {
  const reports: Report[] = [];
  let value = before;
  for (const properties of said.map(frozen)) {
    const update = { properties, operations: operationsIn(properties, reports), snapshot: false };
    value = valueAfter(update, 'p', frozen(value), reports);
  }
  return { value, why: reports.map(({ why }) => why) };
}

const nothing = undefined;

test.each<[behaviour: string, before: unknown, update: Record<string, unknown>, after: unknown]>([
  ['$clearAll takes every property away, whatever its value', 'x', { $clearAll: '-' }, nothing],
  ['$clearAll comes first, so a set of the same message stays', 'x', { $set: { p: 'y' }, $clearAll: '-' }, 'y'],
  ['$unset takes a property away', 'x', { $unset: { p: '-' } }, nothing],
  ['$unset of nothing does nothing', nothing, { $unset: { p: '-' } }, nothing],
  ['$set puts a value in place of another', 'x', { $set: { p: 'y' } }, 'y'],
  ['$set makes a property', nothing, { $set: { p: ['y'] } }, ['y']],
  ['$set to null takes a property away', 'x', { $set: { p: null } }, nothing],
  ['$setOnce makes a property', nothing, { $setOnce: { p: 'y' } }, 'y'],
  ['$setOnce leaves a value, be it an empty one', '', { $setOnce: { p: 'y' } }, ''],
  ['$setOnce to null does nothing', nothing, { $setOnce: { p: null } }, nothing],
  ['$add adds', 5, { $add: { p: 2.5 } }, 7.5],
  ['$add takes away', 5, { $add: { p: -7 } }, -2],
  ['$add starts at 0', nothing, { $add: { p: 3 } }, 3],
  ['$append puts a value at the end', ['a'], { $append: { p: 'a' } }, ['a', 'a']],
  ['$append puts a list at the end', ['a'], { $append: { p: ['b', 'c'] } }, ['a', 'b', 'c']],
  ['$append makes a list', nothing, { $append: { p: 'a' } }, ['a']],
  ['$append makes a single value the first of a list', 'a', { $append: { p: 'b' } }, ['a', 'b']],
  ['$prepend puts a value at the front', ['a'], { $prepend: { p: 'b' } }, ['b', 'a']],
  ['$prepend keeps the order of a list', ['a'], { $prepend: { p: ['b', 'c'] } }, ['b', 'c', 'a']],
  ['$prepend makes a list', nothing, { $prepend: { p: 'a' } }, ['a']],
  ['$prepend makes a single value the last of a list', 'a', { $prepend: { p: 'b' } }, ['b', 'a']],
  ['$preInsert puts new values at the front', ['a'], { $preInsert: { p: ['c', 'a', 'b', 'c'] } }, ['c', 'b', 'a']],
  ['$preInsert makes a list', nothing, { $preInsert: { p: 'a' } }, ['a']],
  ['$postInsert puts new values at the end', ['a'], { $postInsert: { p: ['c', 'a', 'b', 'c'] } }, ['a', 'c', 'b']],
  ['$postInsert makes a list', nothing, { $postInsert: { p: 'a' } }, ['a']],
  [
    '$postInsert knows objects by their content',
    [{ a: 1, b: 2 }],
    { $postInsert: { p: { b: 2, a: 1 } } },
    [{ a: 1, b: 2 }],
  ],
  ['$postInsert tells a number from its text', [1], { $postInsert: { p: '1' } }, [1, '1']],
  ['$remove takes all instances away', ['a', 'b', 'a'], { $remove: { p: 'a' } }, ['b']],
  ['$remove takes each value of a list away', ['a', 'b', 'c'], { $remove: { p: ['a', 'c'] } }, ['b']],
  ['$remove of all leaves an empty list', ['a'], { $remove: { p: 'a' } }, []],
  ['$remove of nothing does nothing', nothing, { $remove: { p: 'a' } }, nothing],
  ['$remove takes a single value away', 'a', { $remove: { p: 'a' } }, nothing],
  ['$remove leaves another single value', 'b', { $remove: { p: 'a' } }, 'b'],
  ['a plain key sets', 'x', { p: 'y' }, 'y'],
  ['a plain key with null unsets', 'x', { p: null }, nothing],
  ['a plain key comes after the operations', 1, { p: 10, $add: { p: 1 } }, 10],
  ['an unknown key with a dollar is a property like others', 'x', { $toString: { p: 'y' } }, 'x'],
])('%s', (_, before, update, expected) => {
  expect(after(before, update)).toEqual({ value: expected, why: [] });
});

test('operations apply in the order of Amplitude, not in that of the message', () => {
  const all = {
    $remove: { p: 'd' },
    $postInsert: { p: ['e', 'c'] },
    $preInsert: { p: ['c', 'd'] },
    $prepend: { p: 'b' },
    $append: { p: 'a' },
    $setOnce: { p: 'not' },
    $set: { p: ['z'] },
    $unset: { p: '-' },
  };
  expect(after(['y'], all).value).toEqual(['c', 'b', 'z', 'a', 'e']);
});

test.each<[behaviour: string, before: unknown, update: Record<string, unknown>, why: string]>([
  ['$add of a text', 5, { $add: { p: '1' } }, 'not_a_number'],
  ['$add of null', 5, { $add: { p: null } }, 'not_a_number'],
  ['$add to a text', '5', { $add: { p: 1 } }, 'not_a_number'],
  ['$add beyond all numbers', 1e308, { $add: { p: 1e308 } }, 'not_finite'],
  ['$append of null', ['a'], { $append: { p: null } }, 'no_operand'],
  ['$remove of null', ['a'], { $remove: { p: null } }, 'no_operand'],
  ['an operation without properties', 'x', { $set: 'p' }, 'malformed_operation'],
])('%s changes nothing and is reported', (_, before, update, why) => {
  expect(after(before, update)).toEqual({ value: before, why: [why] });
});

test('for any operations, the values are those of a plain model', () => {
  fc.assert(
    fc.property(fc.array(updates, { maxLength: 5 }), (said) => {
      let expected = new Map<string, unknown>();
      let values: readonly unknown[] = names.map(() => undefined);
      for (const properties of said.map(frozen)) {
        expected = applyPlainly(expected, properties);
        const update = { properties, operations: operationsIn(properties), snapshot: false };
        values = names.map((name, index) => valueAfter(update, name, frozen(values[index])));
        expect(values).toEqual(names.map((name) => expected.get(name)));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('no property is inherited', () => {
  const update = JSON.parse('{"$set": {"__proto__": {"polluted": true}}, "toString": "text"}') as Record<
    string,
    unknown
  >;
  const said = { properties: update, operations: operationsIn(update), snapshot: false };
  expect(valueAfter(said, '__proto__', undefined)).toEqual({ polluted: true });
  expect(valueAfter(said, 'toString', undefined)).toBe('text');
  expect(valueAfter(said, 'constructor', undefined)).toBeUndefined();
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('long lists of objects are compared in linear time', () => {
  const list = Array.from({ length: 20_000 }, (_, id) => ({ id }));
  expect(after(list, { $postInsert: { p: list } }).value).toHaveLength(20_000);
  expect(after(list, { $remove: { p: list } }).value).toEqual([]);
});
