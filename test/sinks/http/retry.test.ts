import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../src/sinks/http/retry.ts';

const now = Date.parse('2026-03-01T10:59:30Z');
const nextHour = String(Date.parse('2026-03-01T11:00:00Z') / 1_000);

test.for<[Record<string, string | string[]>, number | undefined]>([
  [{}, undefined],
  [{ 'x-ratelimit-retry-after': '7' }, 7_000],
  [{ 'x-ratelimit-retry-after': ' 7 ' }, 7_000],
  [{ 'x-ratelimit-retry-after': '0.5' }, 500],
  [{ 'x-ratelimit-retry-after': '0' }, 0],
  [{ 'x-ratelimit-retry-after': ['7', '8'] }, 7_000],
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 01 Mar 2026 10:00:00 GMT' }, 0],
  [{ 'x-ratelimit-reset': nextHour }, 30_000],
  [{ 'x-ratelimit-reset': '1000000000' }, 1_000_000_000_000],
  [{ 'x-ratelimit-reset': '1000000001' }, 0],
  [{ 'x-ratelimit-reset': '12' }, 12_000],
])('the headers %j ask to wait for %s ms', ([headers, waitMs]) => {
  expect(retryAfterMs(headers, now)).toBe(waitMs);
});

test('Braze’s own header goes before the standard one, and both before the reset', () => {
  const own = { 'x-ratelimit-retry-after': '1' };
  const standard = { 'retry-after': '2' };
  const date = { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' };
  const reset = { 'x-ratelimit-reset': '3' };
  expect(retryAfterMs({ ...own, ...standard, ...reset }, now)).toBe(1_000);
  expect(retryAfterMs({ ...own, ...date, ...reset }, now)).toBe(1_000);
  expect(retryAfterMs({ ...standard, ...reset }, now)).toBe(2_000);
  expect(retryAfterMs({ ...date, ...reset }, now)).toBe(30_000);
});

test.for(['', ' ', 'soon', '-1', '1e3', '+5', '0x10', 'NaN', 'in 5 s', 'tomorrow GMT', '2026-03-01'])(
  'a header of %j counts as absent',
  (text) => {
    expect(retryAfterMs({ 'x-ratelimit-retry-after': text, 'retry-after': text }, now)).toBeUndefined();
    expect(retryAfterMs({ 'x-ratelimit-reset': text }, now)).toBeUndefined();
    expect(retryAfterMs({ 'x-ratelimit-retry-after': text, 'retry-after': '4' }, now)).toBe(4_000);
    expect(retryAfterMs({ 'retry-after': text, 'x-ratelimit-reset': '5' }, now)).toBe(5_000);
  },
);

test('whatever the headers hold, the wait is absent or no less than nothing', () => {
  const value = fc.option(fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)), { nil: undefined });
  fc.assert(
    fc.property(value, value, value, (own, standard, reset) => {
      const headers = { 'x-ratelimit-retry-after': own, 'retry-after': standard, 'x-ratelimit-reset': reset };
      const waitMs = retryAfterMs(headers, now);
      expect(waitMs === undefined || waitMs >= 0).toBe(true);
    }),
  );
});
