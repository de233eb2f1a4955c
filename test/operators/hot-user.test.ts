import { setImmediate as turn } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/core/entry.ts';
import type { Envelope } from '../../src/core/message.ts';
import { deliver, type DeliverOptions } from '../../src/operators/deliver.ts';
import { ControlledSink, entry, type WrittenRequest } from './controlled-sink.ts';

const events = 3_000;
const maxObjects = 75;

/** Full batches in which three of ten entries are one user's and the others belong to a thousand users. */
function batchesWithHotUser(): ReturnType<typeof entry>[][] {
  const all = Array.from({ length: events }, (_, index) =>
    entry(index % 10 < 3 ? 'hot' : `user-${(index * 7) % 1_000}`, String(index)),
  );
  return Array.from({ length: events / maxObjects }, (_, index) =>
    all.slice(index * maxObjects, (index + 1) * maxObjects),
  );
}

/** Answers what is under way, and what comes of it, but for the held request. */
async function answerAll(sink: ControlledSink, held?: WrittenRequest): Promise<void> {
  for (;;) {
    const open = [...sink.underWay].filter((request) => request !== held);
    if (open.length === 0) return;
    for (const request of open) request.answer();
    await turn();
  }
}

/** Sends all batches while the first request is not answered and the others are at once; then completes. */
async function run(order: DeliverOptions['order'], batches: readonly ReturnType<typeof entry>[][]) {
  const sink = new ControlledSink();
  const source = new Subject<readonly Envelope<Entry>[]>();
  const abort = new AbortController().signal;
  source.pipe(deliver(sink, { concurrency: 16, order, maxObjects, abort })).subscribe();
  for (const batch of batches) {
    source.next(batch);
    await answerAll(sink, sink.written[0]);
  }
  source.next([]);
  await answerAll(sink, sink.written[0]);
  const openWhileHeld = batches.flat().filter(({ outcome }) => outcome === undefined);
  source.complete();
  await answerAll(sink);
  return { requests: sink.requests, openWhileHeld };
}

test('a slow request holds back its own users and nobody else', async () => {
  const batches = batchesWithHotUser();
  const { openWhileHeld } = await run('user', batches);
  const users = new Set(batches[0]?.map(({ value }) => value.user));
  const ofThese = batches.flat().filter(({ value }) => users.has(value.user));
  expect(openWhileHeld).toEqual(ofThese);
});

test('a hot user costs no more than two requests beyond those that the entries fill', async () => {
  const { requests } = await run('user', batchesWithHotUser());
  expect(requests.flat()).toHaveLength(events);
  expect(requests.length).toBeLessThanOrEqual(events / maxObjects + 2);
});

test('a hot user who waits has each request to himself, so that his events take as few answers as can be', async () => {
  const sink = new ControlledSink();
  const source = new Subject<readonly Envelope<Entry>[]>();
  const abort = new AbortController().signal;
  source.pipe(deliver(sink, { concurrency: 16, order: 'user', maxObjects, abort })).subscribe();
  const batches = batchesWithHotUser();
  for (const batch of batches) source.next(batch);
  source.complete();
  let rounds = 0;
  for (; sink.underWay.size > 0; rounds++) {
    const open = [...sink.underWay];
    for (const request of open) request.answer();
    await turn();
  }
  const hot = batches.flat().filter(({ value }) => value.user === 'hot');
  // One more for the request in which he came first, among others.
  expect(rounds).toBeLessThanOrEqual(Math.ceil(hot.length / maxObjects) + 1);
});

test('without order a slow request holds back nobody, and the requests are as few as can be', async () => {
  const { requests, openWhileHeld } = await run('none', batchesWithHotUser());
  expect(openWhileHeld.map(({ value }) => value.json)).toEqual(requests[0]);
  expect(requests).toHaveLength(events / maxObjects);
});

test('order costs a request where a user would be in two at once', async () => {
  const requestsWith = async (order: DeliverOptions['order']) => {
    const sink = new ControlledSink();
    const source = new Subject<readonly Envelope<Entry>[]>();
    const options: DeliverOptions = { concurrency: 2, order, maxObjects: 3, abort: new AbortController().signal };
    source.pipe(deliver(sink, options)).subscribe();
    source.next([entry('hot', 'h1'), entry('hot', 'h2'), entry('hot', 'h3')]);
    source.next([entry('hot', 'h4'), entry('ada', 'a1'), entry('bob', 'b1')]);
    source.complete();
    await answerAll(sink);
    return sink.requests;
  };
  expect(await requestsWith('user')).toEqual([['h1', 'h2', 'h3'], ['a1', 'b1'], ['h4']]);
  expect(await requestsWith('none')).toEqual([
    ['h1', 'h2', 'h3'],
    ['h4', 'a1', 'b1'],
  ]);
});
