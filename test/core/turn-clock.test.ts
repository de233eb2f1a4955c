import { afterEach, expect, test, vi } from 'vitest';
import { turnNow } from '../../src/core/turn-clock.ts';

afterEach(() => void vi.useRealTimers());

test('the time stands still until the next turn, and then is that of the machine', async () => {
  vi.useFakeTimers({ now: 1_000, toFake: ['Date'] });
  expect(turnNow()).toBe(1_000);
  vi.setSystemTime(2_000);
  expect(turnNow()).toBe(1_000);
  await Promise.resolve();
  expect(turnNow()).toBe(2_000);
});
