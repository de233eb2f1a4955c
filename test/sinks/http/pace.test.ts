import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pace } from '../../../src/sinks/http/pace.ts';
import { simulate, sum } from './limited-server.ts';

test('nothing is slowed down before a request was one too many', () => {
  const pace = new Pace(3_000);
  for (let now = 0; now < 1_000; now++) {
    expect(pace.roomAt(now)).toBe(-Infinity);
    pace.count(now);
    pace.admitted(now);
  }
});

test('one refusal counts once, however many requests were under way', () => {
  const pace = new Pace(1_000);
  for (let now = 0; now < 100; now++) pace.admitted(now);
  for (let late = 0; late < 16; late++) pace.refused(90, 100 + late);
  for (let sent = 0; sent < 90; sent++) pace.count(100);
  // A hundred were admitted in a second; now it is a tenth less.
  expect(pace.roomAt(100)).toBeCloseTo(1_100, 0);
});

test('no pace is slower than ten requests a second', () => {
  const pace = new Pace(1_000);
  for (let now = 0; now < 100_000; now += 1_000) pace.refused(now, now);
  pace.count(100_000);
  expect(pace.roomAt(100_000) - 100_000).toBeLessThanOrEqual(100);
});

test('a refusal that lies long back slows nothing down', () => {
  const pace = new Pace(1_000);
  pace.refused(0, 1);
  pace.count(2);
  expect(pace.roomAt(50_001)).toBe(-Infinity);
});

test.for(['sliding', 'fixed'] as const)('a lower limit is settled near, without a storm (%s window)', (counting) => {
  const seen = simulate({ perSecond: () => 20, windowMs: 3_000, counting }, 120);
  expect(sum(seen.refused, 20)).toBeLessThanOrEqual(30);
  expect(sum(seen.admitted, 20)).toBeGreaterThanOrEqual(0.8 * 20 * 100);
});

test.for(['sliding', 'fixed'] as const)('a limit that falls and rises again is followed (%s window)', (counting) => {
  const perSecond = (now: number): number => (now >= 60_000 && now < 120_000 ? 20 : 100);
  const seen = simulate({ perSecond, windowMs: 3_000, counting }, 240);
  expect(sum(seen.admitted, 0, 60)).toBeGreaterThanOrEqual(0.8 * 6_000);
  expect(sum(seen.admitted, 70, 120)).toBeGreaterThanOrEqual(0.8 * 1_000);
  // It takes up to a minute to find that there is more.
  expect(sum(seen.admitted, 180, 240)).toBeGreaterThanOrEqual(0.8 * 6_000);
  expect(sum(seen.refused)).toBeLessThanOrEqual(150);
});

test('another sender that takes half is left its half', () => {
  const othersShare = (now: number): number => (now >= 30_000 && now < 90_000 ? 0.5 : 0);
  const seen = simulate({ perSecond: () => 100, windowMs: 3_000, counting: 'sliding', othersShare }, 180);
  expect(sum(seen.admitted, 40, 90)).toBeGreaterThanOrEqual(0.8 * 50 * 50);
  expect(sum(seen.refused, 40, 90)).toBeLessThanOrEqual(30);
  expect(sum(seen.admitted, 140, 180)).toBeGreaterThanOrEqual(0.8 * 100 * 40);
});

test('whatever the limit, most of it is used and few requests are one too many', () => {
  const limits = fc.record({
    perSecond: fc.integer({ min: 15, max: 400 }),
    windowMs: fc.constantFrom(1_000, 3_000),
    counting: fc.constantFrom('sliding', 'fixed'),
  });
  fc.assert(
    fc.property(limits, ({ perSecond, windowMs, counting }) => {
      const seen = simulate({ perSecond: () => perSecond, windowMs, counting }, 90);
      expect(sum(seen.admitted, 30)).toBeGreaterThanOrEqual(0.8 * perSecond * 60);
      expect(sum(seen.refused, 30)).toBeLessThanOrEqual(0.03 * sum(seen.admitted, 30) + 30);
    }),
    { numRuns: 30 },
  );
});
