import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '../../../src/sources/jetstream/recent.ts';

function at(sequence: number, storedAt = 1_000 + sequence) {
  return { sequence, storedAt };
}

test('nothing is recent at first', () => {
  expect(new Recent(3).has(at(1))).toBe(false);
  expect(new Recent(3).has(at(0, 0))).toBe(false);
});

test('remembers as many messages as it is told, and forgets those before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 100 }), (capacity, count) => {
      const recent = new Recent(capacity);
      for (let number = 1; number <= count; number++) recent.add(at(number));
      for (let age = 0; age < Math.min(capacity, count); age++) expect(recent.has(at(count - age))).toBe(true);
      for (let age = capacity; age < count; age++) expect(recent.has(at(count - age))).toBe(false);
    }),
  );
});

test('a message that is added again stays as long as one that is new', () => {
  const recent = new Recent(2);
  for (const number of [1, 2, 3, 1, 4]) recent.add(at(number));
  expect([1, 4].map((number) => recent.has(at(number)))).toEqual([true, true]);
});

test('another message of the same number is another message', () => {
  const recent = new Recent(3);
  recent.add(at(1, 10));
  expect(recent.has(at(1, 11))).toBe(false);
  recent.add(at(1, 11));
  expect([10, 11].map((time) => recent.has(at(1, time)))).toEqual([true, true]);
});
