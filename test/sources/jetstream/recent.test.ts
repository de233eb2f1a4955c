import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../../src/sources/jetstream/recent.ts';

test('nothing is recent at first', () => {
  expect(new Recent(3).has(1)).toBe(false);
});

test('remembers as many numbers as it is told, and forgets those before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 100 }), (capacity, count) => {
      const recent = new Recent(capacity);
      for (let number = 1; number <= count; number++) recent.add(number);
      for (let age = 0; age < Math.min(capacity, count); age++) expect(recent.has(count - age)).toBe(true);
      for (let age = capacity; age < count; age++) expect(recent.has(count - age)).toBe(false);
    }),
  );
});

test('a number that is added again stays as long as one that is new', () => {
  const recent = new Recent(2);
  for (const number of [1, 2, 3, 1, 4]) recent.add(number);
  expect([1, 4].map((number) => recent.has(number))).toEqual([true, true]);
});
