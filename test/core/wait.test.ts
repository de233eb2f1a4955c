import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { wait } from '../../src/core/wait.ts';

test('waits as long as it is told, and leaves nothing behind on the signal', async () => {
  const { signal } = new AbortController();
  await expect(wait(1, signal)).resolves.toBeUndefined();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test.each([0, -1])('does not wait for %d ms', async (ms) => {
  await expect(wait(ms, new AbortController().signal)).resolves.toBeUndefined();
});

test('ends at once when the signal fires, without an error', async () => {
  const abort = new AbortController();
  const waiting = wait(2 ** 31 - 1, abort.signal);
  abort.abort();
  await expect(waiting).resolves.toBeUndefined();
});

test('does not begin after the signal has fired', async () => {
  await expect(wait(2 ** 31 - 1, AbortSignal.abort())).resolves.toBeUndefined();
});
