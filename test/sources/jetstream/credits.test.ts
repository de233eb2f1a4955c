import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Credits } from '../../../src/sources/jetstream/credits.ts';

/** Whether so many credits are said to be available by now. */
async function isAvailable(credits: Credits, atLeast: number): Promise<boolean> {
  const available = credits.available(atLeast).then(() => true);
  return await Promise.race([available, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

test('all credits are free at first', async () => {
  const credits = new Credits(10);
  expect(credits.capacity).toBe(10);
  expect(credits.free).toBe(10);
  expect(await isAvailable(credits, 10)).toBe(true);
});

test('what is taken is not free until it is given back', () => {
  const credits = new Credits(10);
  credits.take(7);
  expect(credits.free).toBe(3);
  credits.give(2);
  expect(credits.free).toBe(5);
});

test('more may be taken than is free: a message can hold more events than was known', () => {
  const credits = new Credits(2);
  credits.take(5);
  expect(credits.free).toBe(-3);
  credits.give(5);
  expect(credits.free).toBe(2);
});

test('who needs more than is free waits until it is', async () => {
  const credits = new Credits(10);
  credits.take(10);
  let resolved = false;
  const waiting = credits.available(3).then(() => {
    resolved = true;
  });
  credits.give(2);
  await new Promise(setImmediate);
  expect(resolved).toBe(false);
  credits.give(1);
  await waiting;
  expect(resolved).toBe(true);
});

test('of several who wait, those go on for whom there is enough', async () => {
  const credits = new Credits(10);
  credits.take(10);
  const went: number[] = [];
  const waiting = [5, 2, 1].map(async (atLeast) => {
    await credits.available(atLeast);
    went.push(atLeast);
  });
  credits.give(2);
  await new Promise(setImmediate);
  expect(went).toEqual([2, 1]);
  credits.give(3);
  await Promise.all(waiting);
  expect(went).toEqual([2, 1, 5]);
});

test('a ledger that is closed lets everybody go, now and later', async () => {
  const credits = new Credits(10);
  credits.take(10);
  const waiting = [credits.available(1), credits.available(10)];
  credits.close();
  await expect(Promise.all(waiting)).resolves.toEqual([undefined, undefined]);
  expect(await isAvailable(credits, 1_000)).toBe(true);
  expect(credits.free).toBe(0);
});

test('whatever is taken and given, the sums agree, and nobody waits for what is free', async () => {
  const step = fc.tuple(fc.constantFrom('take', 'give', 'wait'), fc.nat({ max: 12 }));
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 20 }), fc.array(step), async (capacity, steps) => {
      const credits = new Credits(capacity);
      const waiting = new Set<number>();
      let free = capacity;
      for (const [kind, count] of steps) {
        if (kind === 'take') credits.take(count);
        if (kind === 'give') credits.give(count);
        free += kind === 'take' ? -count : kind === 'give' ? count : 0;
        if (kind === 'wait') {
          waiting.add(count);
          void credits.available(count).then(() => waiting.delete(count));
        }
        await Promise.resolve();
        await Promise.resolve();
        expect(credits.free).toBe(free);
        expect([...waiting].filter((atLeast) => atLeast <= free)).toEqual([]);
      }
    }),
  );
});
