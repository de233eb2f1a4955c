import { setImmediate as turn } from 'node:timers/promises';
import { EMPTY, lastValueFrom, of, Subject, throwError } from 'rxjs';
import { expect, test, vi } from 'vitest';
import type { Entry } from '../../src/core/entry.ts';
import { type Envelope, returned } from '../../src/core/message.ts';
import { batch } from '../../src/operators/batch.ts';
import { deliver, type DeliverOptions } from '../../src/operators/deliver.ts';
import { ControlledSink, delivered, entry } from './controlled-sink.ts';

type Batch = readonly Envelope<Entry>[];

function start(options: Partial<DeliverOptions> = {}, sink = new ControlledSink()) {
  const batches = new Subject<Batch>();
  const outcome = {
    next: vi.fn<() => void>(),
    complete: vi.fn<() => void>(),
    error: vi.fn<(error: unknown) => void>(),
  };
  const abort = new AbortController();
  const all: DeliverOptions = { concurrency: 2, order: 'user', maxObjects: 3, abort: abort.signal, ...options };
  const subscription = batches.pipe(deliver(sink, all)).subscribe(outcome);
  return { sink, batches, outcome, abort, subscription };
}

test('with no batches it completes, and nothing is written', async () => {
  const sink = new ControlledSink();
  const options: DeliverOptions = { concurrency: 1, order: 'user', maxObjects: 3, abort: new AbortController().signal };
  await lastValueFrom(EMPTY.pipe(deliver(sink, options)), { defaultValue: undefined });
  expect(sink.written).toEqual([]);
});

test('an entry is written and settled as the sink answers', async () => {
  const { sink, batches } = start();
  const one = entry('ada', 'a1');
  batches.next([one]);
  expect(sink.requests).toEqual([['a1']]);
  expect(one.outcome).toBeUndefined();
  sink.written[0]?.answer([{ kind: 'delivered', attempts: 4 }]);
  await vi.waitFor(() => expect(one.outcome).toEqual({ kind: 'delivered', attempts: 4 }));
});

test('each entry gets its own outcome', async () => {
  const { sink, batches } = start();
  const entries = [entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1')];
  batches.next(entries);
  const refused = { kind: 'discarded', reason: 'rejected', detail: 'no such user', attempts: 1 } as const;
  sink.written[0]?.answer([delivered, refused, returned]);
  await turn();
  expect(entries.map(({ outcome }) => outcome)).toEqual([delivered, refused, returned]);
});

test('an entry that the sink says nothing of is given back', async () => {
  const { sink, batches } = start();
  const entries = [entry('ada', 'a1'), entry('bob', 'b1')];
  batches.next(entries);
  sink.written[0]?.answer([delivered]);
  await turn();
  expect(entries.map(({ outcome }) => outcome)).toEqual([delivered, returned]);
});

test('an answered request is settled without a pause', async () => {
  const { sink, batches } = start();
  const entries = [entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1')];
  let open: number | undefined;
  if (entries[0] !== undefined)
    entries[0].message.onSettled = () =>
      queueMicrotask(() => (open = entries.filter(({ outcome }) => outcome === undefined).length));
  batches.next(entries);
  sink.written[0]?.answer();
  await turn();
  expect(open).toBe(0);
});

test('what comes while a request is under way waits for a full one', async () => {
  const { sink, batches } = start();
  batches.next([entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1')]);
  // Full batches: nothing says that they shall not wait.
  batches.next([entry('ada', 'a2'), entry('dan', 'd1'), entry('eve', 'e1')]);
  expect(sink.requests).toEqual([['a1', 'b1', 'c1']]);
  batches.next([entry('fay', 'f1'), entry('gus', 'g1'), entry('hal', 'h1')]);
  expect(sink.requests[1]).toEqual(['d1', 'e1', 'f1']);
  sink.written[0]?.answer();
  await turn();
  expect(sink.requests[2]).toEqual(['a2', 'g1', 'h1']);
});

test('an empty batch says that nothing shall wait', () => {
  const { sink, batches } = start();
  batches.next([entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1')]);
  batches.next([entry('ada', 'a2'), entry('dan', 'd1'), entry('bob', 'b2')]);
  batches.next([]);
  expect(sink.requests).toEqual([['a1', 'b1', 'c1'], ['d1']]);
});

test('completion sends what waits, and comes after the last answer', async () => {
  const { sink, batches, outcome } = start({ concurrency: 1 });
  batches.next([entry('ada', 'a1'), entry('ada', 'a2'), entry('ada', 'a3')]);
  batches.next([entry('ada', 'a4'), entry('bob', 'b1'), entry('cyd', 'c1')]);
  batches.complete();
  sink.written[0]?.answer();
  await turn();
  expect(sink.requests[1]).toEqual(['a4', 'b1', 'c1']);
  expect(outcome.complete).not.toHaveBeenCalled();
  sink.written[1]?.answer();
  await vi.waitFor(() => expect(outcome.complete).toHaveBeenCalledOnce());
  expect(outcome.next).not.toHaveBeenCalled();
});

test('a sink that rejects fails the pipeline', async () => {
  const { sink, batches, outcome } = start();
  batches.next([entry('ada', 'a1')]);
  sink.written[0]?.fail(new Error('broken'));
  await vi.waitFor(() => expect(outcome.error).toHaveBeenCalledWith(new Error('broken')));
});

test('a sink that throws fails the pipeline', async () => {
  const { sink, batches, outcome } = start();
  sink.onWrite = () => {
    throw new Error('broken');
  };
  batches.next([entry('ada', 'a1')]);
  await vi.waitFor(() => expect(outcome.error).toHaveBeenCalledWith(new Error('broken')));
});

test('an error of the source is passed on', async () => {
  const options: DeliverOptions = { concurrency: 1, order: 'user', maxObjects: 3, abort: new AbortController().signal };
  const delivering = throwError(() => new Error('broken')).pipe(deliver(new ControlledSink(), options));
  await expect(lastValueFrom(delivering)).rejects.toThrow('broken');
});

test('after the end of the subscription nothing is sent, and requests under way are called off', async () => {
  const { sink, batches, subscription } = start({ concurrency: 1 });
  batches.next([entry('ada', 'a1')]);
  batches.next([entry('ada', 'a2')]);
  subscription.unsubscribe();
  expect(batches.observed).toBe(false);
  expect(sink.written[0]?.abort.aborted).toBe(true);
  sink.written[0]?.answer();
  await turn();
  expect(sink.requests).toEqual([['a1']]);
});

test('after a failure nothing more is sent: the source gives it out again', async () => {
  const { sink, batches, outcome } = start({ concurrency: 2, order: 'none', maxObjects: 1 });
  batches.next([entry('ada', 'a1')]);
  batches.next([entry('bob', 'b1')]);
  batches.next([entry('cyd', 'c1')]);
  sink.written[0]?.fail(new Error('broken'));
  await vi.waitFor(() => expect(outcome.error).toHaveBeenCalled());
  sink.written[1]?.answer();
  await turn();
  expect(sink.requests).toEqual([['a1'], ['b1']]);
});

test('an abort gives back what waits, and reaches the requests under way', async () => {
  const { sink, batches, abort, outcome } = start({ concurrency: 1 });
  const entries = [entry('ada', 'a1'), entry('ada', 'a2'), entry('bob', 'b1'), entry('cyd', 'c1')];
  for (const one of entries) batches.next([one]);
  abort.abort();
  expect(entries.map(({ outcome }) => outcome)).toEqual([undefined, returned, returned, returned]);
  expect(sink.written[0]?.abort.aborted).toBe(true);
  batches.complete();
  expect(outcome.complete).not.toHaveBeenCalled();
  sink.written[0]?.answer([returned]);
  await vi.waitFor(() => expect(outcome.complete).toHaveBeenCalledOnce());
  expect(sink.written).toHaveLength(1);
});

test('what comes after an abort is given back', async () => {
  const { sink, batches, abort, outcome } = start();
  abort.abort();
  const late = entry('ada', 'a1');
  const outcomeAtTheEnd = vi.fn<() => unknown>(() => late.outcome);
  outcome.complete.mockImplementation(outcomeAtTheEnd);
  batches.next([late]);
  batches.complete();
  await vi.waitFor(() => expect(outcomeAtTheEnd).toHaveReturnedWith(returned));
  expect(sink.written).toEqual([]);
});

test('a subscription that begins aborted sends nothing', async () => {
  const sink = new ControlledSink();
  const one = entry('ada', 'a1');
  const options: DeliverOptions = { concurrency: 1, order: 'user', maxObjects: 3, abort: AbortSignal.abort() };
  await lastValueFrom(of([one]).pipe(deliver(sink, options)), { defaultValue: undefined });
  expect(one.outcome).toEqual(returned);
  expect(sink.written).toEqual([]);
});

test('a message that is handed out because another was given back is not lost in the batch', async () => {
  const entries = new Subject<Envelope<Entry>>();
  const abort = new AbortController();
  const options: DeliverOptions = { concurrency: 1, order: 'user', maxObjects: 1, abort: abort.signal };
  const [first, second] = [entry('ada', 'a1'), entry('bob', 'b1')];
  first.message.onSettled = () => entries.next(second);
  entries.pipe(batch({ maxWaitMs: 60_000, maxObjects: 1 }), deliver(new ControlledSink(), options)).subscribe();
  abort.abort();
  entries.next(first);
  await vi.waitFor(() => expect(second.outcome).toEqual(returned));
  expect(first.outcome).toEqual(returned);
});
