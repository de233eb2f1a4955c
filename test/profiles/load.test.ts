import * as fc from 'fast-check';
import { EMPTY, from, lastValueFrom, of, Subject, take, toArray } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { load as loadBy } from '../../src/profiles/load.ts';
import { idle } from './idle.ts';

/** Values that are their own keys, and stay what they are. */
function load(ask: (value: number) => Promise<void> | undefined) {
  return loadBy({ keyOf: (value: number) => value, load: ask, inOneGo: () => false, take: (value) => value });
}

/** Loads that end when the test says so, by number; odd numbers are at hand. */
function loading() {
  const open = new Map<number, PromiseWithResolvers<void>>();
  const ask = (value: number): Promise<void> | undefined => {
    if (value % 2 === 1) return undefined;
    const resolvers = Promise.withResolvers<void>();
    open.set(value, resolvers);
    return resolvers.promise;
  };
  return { open, ask, end: (value: number) => open.get(value)?.resolve() };
}

test('what is at hand passes at once', () => {
  const passed: number[] = [];
  from([1, 3, 5])
    .pipe(load(loading().ask))
    .subscribe((value) => passed.push(value));
  expect(passed).toEqual([1, 3, 5]);
});

test('no values give none', async () => {
  expect(await lastValueFrom(EMPTY.pipe(load(loading().ask), toArray()))).toEqual([]);
});

test('loads run all at once, and values keep their order', async () => {
  const { open, ask, end } = loading();
  const passed = lastValueFrom(from([1, 2, 3, 4, 6, 7]).pipe(load(ask), toArray()));
  expect([...open.keys()]).toEqual([2, 4, 6]);
  end(6);
  end(4);
  await idle();
  end(2);
  expect(await passed).toEqual([1, 2, 3, 4, 6, 7]);
});

test('each value passes as soon as it and all before it are loaded', async () => {
  const { ask, end } = loading();
  const passed: number[] = [];
  const source = new Subject<number>();
  source.pipe(load(ask)).subscribe((value) => passed.push(value));
  for (const value of [1, 2, 3, 4, 5]) source.next(value);
  expect(passed).toEqual([1]);
  end(2);
  await idle();
  expect(passed).toEqual([1, 2, 3]);
  end(4);
  await idle();
  expect(passed).toEqual([1, 2, 3, 4, 5]);
  source.next(7);
  expect(passed).toEqual([1, 2, 3, 4, 5, 7]);
});

test('values of one kind pass when what all of them need that wait is loaded', async () => {
  const { ask, end } = loading();
  const passed: number[] = [];
  const source = new Subject<number>();
  const options = { keyOf: (value: number) => value, load: ask, inOneGo: (value: number) => value < 10 };
  source.pipe(loadBy({ ...options, take: (value) => value })).subscribe((value) => passed.push(value));
  for (const value of [2, 3, 4, 12, 14]) source.next(value);
  end(2);
  await idle();
  expect(passed).toEqual([]);
  end(14);
  end(4);
  await idle();
  expect(passed).toEqual([2, 3, 4]);
  end(12);
  await idle();
  expect(passed).toEqual([2, 3, 4, 12, 14]);
});

test('completion waits for what is being loaded', async () => {
  const { ask, end } = loading();
  const complete = vi.fn<() => void>();
  const next = vi.fn<(value: number) => void>();
  of(2, 3).pipe(load(ask)).subscribe({ next, complete });
  expect(complete).not.toHaveBeenCalled();
  end(2);
  await idle();
  expect(next.mock.calls).toEqual([[2], [3]]);
  expect(complete).toHaveBeenCalledTimes(1);
});

test('an error of the source and one of a load are passed on', async () => {
  const source = new Subject<number>();
  const ofSource = lastValueFrom(source.pipe(load(loading().ask)));
  source.next(2);
  source.error(new Error('the source broke'));
  await expect(ofSource).rejects.toThrow('the source broke');
  const ofLoad = of(2).pipe(load(() => Promise.reject(new Error('the load broke'))));
  await expect(lastValueFrom(ofLoad)).rejects.toThrow('the load broke');
});

test('nothing passes after whoever listens has left', async () => {
  const { ask, end } = loading();
  const next = vi.fn<(value: number) => void>();
  const source = new Subject<number>();
  const subscription = source.pipe(load(ask)).subscribe(next);
  source.next(2);
  subscription.unsubscribe();
  expect(source.observed).toBe(false);
  end(2);
  await idle();
  expect(next).not.toHaveBeenCalled();
});

test('whoever leaves in the middle of what waits gets no more', async () => {
  const { ask, end } = loading();
  const source = new Subject<number>();
  const passed = lastValueFrom(source.pipe(load(ask), take(2), toArray()));
  for (const value of [2, 3, 5, 7]) source.next(value);
  end(2);
  expect(await passed).toEqual([2, 3]);
  expect(source.observed).toBe(false);
});

test('a value that comes while another one passes stands behind those that wait', async () => {
  const { ask, end } = loading();
  const passed: number[] = [];
  const source = new Subject<number>();
  source.pipe(load(ask)).subscribe({
    next(value) {
      passed.push(value);
      // As a source does that hands out more as soon as there is room.
      if (value < 10) source.next(value + 11);
      if (value === 5) source.complete();
    },
    complete: () => passed.push(Infinity),
  });
  for (const value of [2, 3, 5]) source.next(value);
  end(2);
  await idle();
  expect(passed).toEqual([2, 3, 5, 13]);
  end(14);
  end(16);
  await idle();
  expect(passed).toEqual([2, 3, 5, 13, 14, 16, Infinity]);
});

test('in whatever order loads end and values come, all pass once, in the order in which they came', async () => {
  // A number ends the load of the value at this place.
  const turns = fc.array(fc.oneof(fc.constant('come' as const), fc.nat(30)), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(turns, fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }), async (actions, atHand) => {
      const { open, ask, end } = loading();
      const passed: number[] = [];
      const source = new Subject<number>();
      const complete = vi.fn<() => void>();
      source.pipe(load(ask)).subscribe({ next: (value) => passed.push(value), complete });
      let came = 0;
      const values: number[] = [];
      for (const action of actions) {
        if (action === 'come') {
          const value = 2 * came + (atHand[came] === true ? 1 : 0);
          came++;
          values.push(value);
          source.next(value);
        } else {
          end(values[action] ?? -1);
          await idle();
        }
        expect(passed).toEqual(values.slice(0, passed.length));
      }
      source.complete();
      for (const value of [...open.keys()].toReversed()) end(value);
      await idle();
      expect(passed).toEqual(values);
      expect(complete).toHaveBeenCalledTimes(1);
    }),
  );
});
