import { concat, EMPTY, firstValueFrom, from, lastValueFrom, NEVER, of, Subject, throwError, toArray } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { mapInOrder } from '../../src/operators/map-in-order.ts';
import { marbles } from './marbles.ts';

/** A promise that is resolved from outside, by the value it stands for. */
function promises() {
  const open = new Map<number, PromiseWithResolvers<number | undefined>>();
  const late = (value: number): Promise<number | undefined> => {
    const promise = Promise.withResolvers<number | undefined>();
    open.set(value, promise);
    return promise.promise;
  };
  return { open, late, resolve: (value: number) => open.get(value)?.resolve(value) };
}

test('what is answered at once keeps its moment and its order', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    const source = hot('a-(bc)-d|');
    const result = source.pipe(mapInOrder((value) => (value === 'c' ? undefined : value.toUpperCase())));
    expectObservable(result).toBe('A-(B)--D|');
  });
});

test('nothing in, nothing out', async () => {
  expect(
    await lastValueFrom(
      EMPTY.pipe(
        mapInOrder(() => 1),
        toArray(),
      ),
    ),
  ).toEqual([]);
});

test('what is answered late keeps its order, whichever answer comes first', async () => {
  const waits = [30, 0, 10, 0, 0].map((turns) => async () => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  });
  const result = from(waits.entries()).pipe(
    mapInOrder(([index, wait]) => (index === 1 || index === 4 ? index : wait().then(() => index))),
    toArray(),
  );
  expect(await lastValueFrom(result)).toEqual([0, 1, 2, 3, 4]);
});

test('one after the other: nothing is begun while an answer is awaited', async () => {
  const { open, late, resolve } = promises();
  const done = lastValueFrom(of(1, 2).pipe(mapInOrder(late), toArray()));
  expect([...open.keys()]).toEqual([1]);
  resolve(1);
  await vi.waitFor(() => expect([...open.keys()]).toEqual([1, 2]));
  resolve(2);
  expect(await done).toEqual([1, 2]);
});

test('what comes while values are taken stands behind those that wait already', async () => {
  const { late, resolve } = promises();
  const source = new Subject<number>();
  const seen: number[] = [];
  source
    .pipe(
      mapInOrder((value) => {
        if (value === 1) return late(value);
        // As a source does that hands out another message once one is settled.
        if (value === 2) source.next(4);
        return value === 2 ? undefined : value;
      }),
    )
    .subscribe((value) => seen.push(value));
  for (const value of [1, 2, 3]) source.next(value);
  resolve(1);
  await vi.waitFor(() => expect(seen).toEqual([1, 3, 4]));
});

test('completes only after the last late answer', async () => {
  const { late, resolve } = promises();
  const complete = vi.fn<() => void>();
  of(1).pipe(mapInOrder(late)).subscribe({ complete });
  expect(complete).not.toHaveBeenCalled();
  resolve(1);
  await vi.waitFor(() => expect(complete).toHaveBeenCalledOnce());
});

test('a function that throws fails the pipeline, not the process', async () => {
  const broken = mapInOrder(() => {
    throw new TypeError('broken');
  });
  await expect(firstValueFrom(concat(of(1), NEVER).pipe(broken))).rejects.toThrow('broken');
});

test('a function that throws while others wait fails the pipeline', async () => {
  const broken = mapInOrder((value: number) => {
    if (value === 2) throw new TypeError('broken');
    return Promise.resolve(value);
  });
  await expect(lastValueFrom(of(1, 2, 3).pipe(broken))).rejects.toThrow('broken');
});

test('a promise that rejects fails the pipeline, and nothing is begun after it', async () => {
  const transform = vi.fn<() => Promise<number>>(() => Promise.reject(new TypeError('broken')));
  await expect(lastValueFrom(of(1, 2).pipe(mapInOrder(transform)))).rejects.toThrow('broken');
  expect(transform).toHaveBeenCalledOnce();
});

test('an error of the source is passed on', async () => {
  const source = throwError(() => new Error('the source broke'));
  await expect(lastValueFrom(source.pipe(mapInOrder(() => 1)))).rejects.toThrow('the source broke');
});

test('after the end of the subscription nothing that waits is begun', async () => {
  const { open, late, resolve } = promises();
  const source = new Subject<number>();
  const next = vi.fn<(value: number) => void>();
  const subscription = source.pipe(mapInOrder(late)).subscribe(next);
  source.next(1);
  source.next(2);
  subscription.unsubscribe();
  expect(source.observed).toBe(false);
  resolve(1);
  await open.get(1)?.promise;
  await new Promise(setImmediate);
  expect([...open.keys()]).toEqual([1]);
  expect(next).not.toHaveBeenCalled();
});
