import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChurningMap } from '../../src/core/churning-map.ts';

const keys = fc.integer({ min: 0, max: 40 });
const call = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), key: keys, value: fc.integer() }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('delete' as const), key: keys }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

test('it is a Map, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 300 }), fc.integer({ min: 1, max: 200 }), (calls, times) => {
      const map = new ChurningMap<number, number>();
      const model = new Map<number, number>();
      // Often enough that it is made anew on the way.
      for (let time = 0; time < times; time++) {
        for (const each of calls) {
          for (const one of [map, model]) {
            if (each.do === 'clear') one.clear();
            else if (each.do === 'delete') one.delete(each.key);
            else one.set(each.key, each.value + time);
          }
        }
        expect([...map.values()]).toEqual([...model.values()]);
        expect(map.size).toBe(model.size);
      }
      for (let key = 0; key <= 40; key++) {
        expect(map.get(key)).toBe(model.get(key));
        expect(map.has(key)).toBe(model.has(key));
      }
    }),
    { numRuns: 60 },
  );
});

test('it stays a Map with more entries than it takes in one life', () => {
  const map = new ChurningMap<number, string>();
  for (let key = 0; key < 20_000; key++) map.set(key, String(key));
  for (let key = 0; key < 20_000; key += 2) map.delete(key);
  expect(map.size).toBe(10_000);
  expect([...map.values()].slice(0, 3)).toEqual(['1', '3', '5']);
  expect(map.get(19_999)).toBe('19999');
});
