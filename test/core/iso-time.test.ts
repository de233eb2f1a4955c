import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../src/core/iso-time.ts';

const maxMs = 8.64e15;

test('is what toISOString answers, for any time and one after the other', () => {
  const time = fc.oneof(
    fc.integer({ min: 1_700_000_000_000, max: 1_700_000_200_000 }),
    fc.integer({ min: -maxMs, max: maxMs }),
    fc.double({ min: -maxMs, max: maxMs, noNaN: true }),
    fc.constantFrom(0, -0, -1, maxMs, -maxMs, Date.parse('0001-01-01T00:00:00Z')),
  );
  fc.assert(
    fc.property(fc.array(time), (times) => {
      expect(times.map(isoTime)).toEqual(times.map((ms) => new Date(ms).toISOString()));
    }),
    { numRuns: 1_000 },
  );
});

test('what is no time is refused, and the next one is not harmed', () => {
  expect(() => isoTime(maxMs + 1)).toThrow(RangeError);
  expect(isoTime(maxMs)).toBe('+275760-09-13T00:00:00.000Z');
  expect(() => isoTime(maxMs + 1)).toThrow(RangeError);
  expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  expect(isoTime(0)).toBe('1970-01-01T00:00:00.000Z');
});
