import { lastValueFrom, map, take, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { filtered, type Message, returned } from '../../src/core/message.ts';
import { MemorySource } from '../../src/sources/memory.ts';

const never = new AbortController().signal;
const [a, b, c] = [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')];
const delivered = { kind: 'delivered', attempts: 1 } as const;

async function messagesOf(source: MemorySource, stop: AbortSignal = never): Promise<Message[]> {
  return await lastValueFrom(source.messages(stop).pipe(toArray()));
}

/** Whether the source says by now that everything is settled. */
async function isSettled(source: MemorySource): Promise<boolean> {
  const settled = source.settled().then(() => true);
  return await Promise.race([settled, new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

test('without payloads it completes and is settled', async () => {
  const source = new MemorySource([], 17);
  expect(await messagesOf(source)).toEqual([]);
  expect(await isSettled(source)).toBe(true);
  expect(source.outcomes).toEqual([]);
});

test('hands out each payload as a message that was stored when it is told', async () => {
  const source = new MemorySource([a, b, c], 17);
  const messages = await messagesOf(source);
  expect(messages.map(({ payload }) => payload)).toEqual([a, b, c]);
  expect(messages.map(({ storedAt }) => storedAt)).toEqual([17, 17, 17]);
});

test('is settled once each event of each message is', async () => {
  const source = new MemorySource([a, b], 17);
  const [first, second] = await messagesOf(source);
  first?.expect(2);
  second?.settle(filtered, 0);
  first?.settle(filtered, 1);
  expect(await isSettled(source)).toBe(false);
  first?.settle(delivered, 0);
  expect(await isSettled(source)).toBe(true);
});

test('keeps the outcomes in the order in which the events came, not were settled', async () => {
  const source = new MemorySource([a, b, c], 17);
  const [first, second, third] = await messagesOf(source);
  third?.settle(returned, 0);
  second?.expect(0);
  first?.expect(3);
  first?.settle(filtered, 2);
  expect(source.outcomes).toEqual([
    { outcome: filtered, message: 0, event: 2 },
    { outcome: returned, message: 2, event: 0 },
  ]);
  first?.settle(delivered, 0);
  first?.settle(filtered, 1);
  expect(source.outcomes.map(({ message, event }) => [message, event])).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [2, 0],
  ]);
});

test('of several settlements of an event the first counts', async () => {
  const source = new MemorySource([a, b], 17);
  const [first] = await messagesOf(source);
  first?.expect(2);
  first?.settle(filtered, 0);
  first?.settle(delivered, 0);
  expect(source.outcomes).toEqual([{ outcome: filtered, message: 0, event: 0 }]);
  expect(await isSettled(source)).toBe(false);
});

test('a message of no events is done at once', async () => {
  const source = new MemorySource([a], 17);
  const [message] = await messagesOf(source);
  expect(await isSettled(source)).toBe(false);
  message?.expect(0);
  expect(await isSettled(source)).toBe(true);
});

test('a stop ends it, and what was not handed out is not waited for', async () => {
  const source = new MemorySource([a, b, c], 17);
  const stop = new AbortController();
  const messages = source.messages(stop.signal).pipe(
    map((message) => {
      stop.abort();
      return message;
    }),
    toArray(),
  );
  const [only, ...others] = await lastValueFrom(messages);
  expect(others).toEqual([]);
  expect(await isSettled(source)).toBe(false);
  only?.settle(filtered, 0);
  expect(await isSettled(source)).toBe(true);
});

test('the end of the subscription ends it too', async () => {
  const source = new MemorySource([a, b, c], 17);
  const only = await lastValueFrom(source.messages(never).pipe(take(1)));
  only.settle(filtered, 0);
  expect(await isSettled(source)).toBe(true);
});

test('a stop before the subscription hands out nothing', async () => {
  const source = new MemorySource([a, b], 17);
  expect(await messagesOf(source, AbortSignal.abort())).toEqual([]);
  expect(await isSettled(source)).toBe(true);
});
