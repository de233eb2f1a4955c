import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom, integer, pick, uuid } from '../../src/generator/random.ts';

test('the same seed gives the same stream, another seed or lane another one', () => {
  const draw = (seed: number, lane?: number): number[] => {
    const random = createRandom(seed, lane);
    return Array.from({ length: 20 }, random);
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(8)).not.toEqual(draw(7));
  expect(draw(7 + 2 ** 32)).not.toEqual(draw(7));
  expect(draw(7, 1)).not.toEqual(draw(7));
});

test('the numbers are at least 0, below 1, and evenly spread for any seed', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (seed) => {
      const random = createRandom(seed);
      const numbers = Array.from({ length: 2000 }, random);
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1);
    }),
  );
});

test('first numbers of neighbouring lanes have nothing in common', () => {
  const tenths = new Map<number, number>();
  for (let lane = 0; lane < 10_000; lane++) {
    const tenth = Math.floor(createRandom(1, lane)() * 10);
    tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
  }
  expect(tenths.size).toBe(10);
  for (const count of tenths.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('an integer is within its bounds and reaches both', () => {
  const random = createRandom(3);
  const drawn = new Set(Array.from({ length: 200 }, () => integer(random, -2, 2)));
  expect([...drawn].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
});

test('each value of a list is picked', () => {
  const random = createRandom(4);
  expect(new Set(Array.from({ length: 100 }, () => pick(random, ['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
});

test('a UUID is of version 4, and none comes twice', () => {
  const random = createRandom(5);
  const ids = Array.from({ length: 20_000 }, () => uuid(random));
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
});
