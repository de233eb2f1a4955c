import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';

const options = { firstMs: 100, maxMs: 5_000 };
const almostOne = 1 - Number.EPSILON;

test('the wait doubles with each attempt until the longest is reached', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffMs(attempt, options, () => almostOne));
  expect(longest).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('at least half of it is always waited', () => {
  const shortest = [1, 2, 3, 4].map((attempt) => backoffMs(attempt, options, () => 0));
  expect(shortest).toEqual([50, 100, 200, 400]);
});

test('is a whole number of milliseconds within its bounds, whatever the attempt', () => {
  const bounds = fc.record({
    firstMs: fc.integer({ min: 1, max: 60_000 }),
    maxMs: fc.integer({ min: 1, max: 3_600_000 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), bounds, (attempt, options) => {
      const ms = backoffMs(attempt, options);
      expect(Number.isInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(options.maxMs);
    }),
  );
});
