import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimestamp } from '../../src/generator/timestamp.ts';

test('an instant is written as in an export: UTC, no zone mark, six decimals', () => {
  expect(createTimestamp()(Date.UTC(2026, 0, 5, 9, 7, 3, 42))).toBe('2026-01-05 09:07:03.042000');
});

test('whatever instants come before, each is written as it is', () => {
  const instant = fc.integer({ min: 0, max: Date.UTC(9000, 0) });
  fc.assert(
    fc.property(fc.array(instant), (instants) => {
      const timestamp = createTimestamp();
      for (const ms of instants) expect(Date.parse(`${timestamp(ms).replace(' ', 'T')}Z`)).toBe(ms);
    }),
  );
});
