import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { type Bucket, deleteBucket, openBucket } from '../../src/profiles/bucket.ts';
import { memoryBucket } from '../../src/profiles/memory-bucket.ts';
import { type Change, ProfileStore, type StoreOptions } from '../../src/profiles/store.ts';
import { ControlledBucket } from './controlled-bucket.ts';
import { idle } from './idle.ts';

/** A store of texts. */
function storeOf(bucket: Bucket, options: Partial<StoreOptions<string>> = {}): ProfileStore<string> {
  return new ProfileStore({
    bucket,
    cacheSize: 100,
    format: (state) => state,
    parse: (text) => (text === 'unreadable' ? undefined : text),
    abort: new AbortController().signal,
    onTrouble: () => undefined,
    ...options,
  });
}

/** What a promise has come to; undefined while it is open. */
function watch<T>(promise: Promise<T>): { readonly value: () => T | undefined } {
  let value: T | undefined;
  void promise.then((result) => (value = result));
  return { value: () => value };
}

const connection = await connectNats({ urls: [inject('natsUrl')] });
const syncs: string[] = [];
afterAll(async () => {
  for (const sync of syncs) await deleteBucket(connection, sync);
  await connection.close();
});

async function natsBucket(): Promise<Bucket> {
  const sync = `S_${randomUUID().slice(0, 8)}`;
  syncs.push(sync);
  return await openBucket(connection, sync);
}

describe.each([
  ['in memory', () => Promise.resolve(memoryBucket())],
  ['in JetStream', natsBucket],
] as const)('with a bucket %s', (_name, newBucket) => {
  test('a state is at hand once it is loaded or set, and survives its store once it is committed', async () => {
    const bucket = await newBucket();
    const store = storeOf(bucket);
    expect(store.peek('user.a')).toBeUndefined();
    await store.load('user.a');
    expect(store.peek('user.a')).toBeNull();
    const change = store.set('user.a', 'ä 1');
    expect(store.peek('user.a')).toBe('ä 1');
    expect(await store.commit(change)).toBe(true);

    const next = storeOf(bucket);
    await next.load('user.a');
    expect(next.peek('user.a')).toBe('ä 1');
    expect(next.load('user.a')).toBeUndefined();
    expect({ hits: next.hits, misses: next.misses }).toEqual({ hits: 1, misses: 1 });
  });

  test('what is let go is read again, as it was written', async () => {
    const store = storeOf(await newBucket(), { cacheSize: 2 });
    await store.warmUp();
    for (const key of ['a', 'b', 'c', 'd']) {
      await store.load(key);
      await store.commit(store.set(key, `state of ${key}`));
    }
    expect(store.peek('a')).toBeUndefined();
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      await store.load(key);
      expect(store.peek(key)).toBe(key === 'e' ? null : `state of ${key}`);
    }
  });

  test('all states are read at once if they fit', async () => {
    const bucket = await newBucket();
    const before = storeOf(bucket);
    for (const key of ['a', 'b', 'c']) {
      await before.load(key);
      await before.commit(before.set(key, `state of ${key}`));
    }
    const fitting = storeOf(bucket, { cacheSize: 3 });
    await fitting.warmUp();
    expect(['a', 'b', 'c'].map((key) => fitting.peek(key))).toEqual(['state of a', 'state of b', 'state of c']);
    expect(fitting.size).toBe(3);
    expect(fitting.load('d')).toBeUndefined();
    expect(fitting.peek('d')).toBeNull();

    const larger = storeOf(bucket, { cacheSize: 3 });
    await before.load('d');
    await before.commit(before.set('d', 'state of d'));
    await larger.warmUp();
    if (larger.peek('d') === undefined) await larger.load('d');
    expect(larger.peek('d')).toBe('state of d');
  });
});

test('a state is written when all that were set before it are committed', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket);
  const [first, second, third] = [store.set('a', '1'), store.set('a', '2'), store.set('a', '3')];
  const late = watch(store.commit(second));
  await idle();
  expect(bucket.writes).toEqual([]);
  expect(late.value()).toBeUndefined();
  expect(await store.commit(first)).toBe(true);
  await idle();
  expect(late.value()).toBe(true);
  expect(bucket.writes).toEqual([['a', '2']]);
  expect(store.peek('a')).toBe('3');
  await store.commit(third);
  expect(bucket.writes).toEqual([
    ['a', '2'],
    ['a', '3'],
  ]);
});

test('several commits in one turn are one write, and so are those that come during a write', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket);
  const changes = ['1', '2', '3', '4', '5'].map((state) => store.set('a', state));
  bucket.held = true;
  const commits = changes.slice(0, 2).map((change) => store.commit(change));
  await idle();
  expect(bucket.waiting).toBe(1);
  commits.push(...changes.slice(2).map((change) => store.commit(change)));
  await idle();
  expect(bucket.waiting).toBe(1);
  bucket.release();
  expect(await Promise.all(commits)).toEqual([true, true, true, true, true]);
  expect(bucket.writes).toEqual([
    ['a', '2'],
    ['a', '5'],
  ]);
});

test('the writes of different users do not wait for each other', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket);
  bucket.held = true;
  const commits = ['a', 'b', 'c'].map((key) => store.commit(store.set(key, key)));
  await idle();
  expect(bucket.waiting).toBe(3);
  bucket.release();
  expect(await Promise.all(commits)).toEqual([true, true, true]);
});

test('what a commit makes of a state counts for those that grew out of it, too', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket);
  const [first, second, third] = [store.set('a', '1'), store.set('a', '2'), store.set('a', '3')];
  void store.commit(third);
  await store.commit(first);
  await store.commit(second, (state) => `${state}, and 2 is owed`);
  expect(store.peek('a')).toBe('3, and 2 is owed');
  await idle();
  expect(bucket.writes).toEqual([
    ['a', '1'],
    ['a', '3, and 2 is owed'],
  ]);
});

test('what is given up is not written, nor what was set after it; what was set before it is', async () => {
  const bucket = await ControlledBucket.holding({ a: '0' });
  const store = storeOf(bucket);
  await store.load('a');
  const [first, second, third] = [store.set('a', '1'), store.set('a', '2'), store.set('a', '3')];
  const after = store.commit(third);
  store.giveUp(second);
  store.giveUp(second);
  expect(await after).toBe(false);
  expect(await store.commit(second)).toBe(false);
  expect(store.peek('a')).toBe('1');
  expect(await store.commit(first)).toBe(true);
  expect(bucket.writes).toEqual([['a', '1']]);

  store.giveUp(store.set('a', '4'));
  expect(store.peek('a')).toBe('1');
});

test('states that are not written are kept besides those that the cache holds', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket, { cacheSize: 2 });
  const keys = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const changes: Change<string>[] = [];
  for (const key of keys) {
    await store.load(key);
    changes.push(store.set(key, `state of ${key}`));
  }
  bucket.reads.length = 0;
  expect(keys.map((key) => store.load(key))).toEqual(keys.map(() => undefined));
  expect(keys.map((key) => store.peek(key))).toEqual(keys.map((key) => `state of ${key}`));
  expect(bucket.reads).toEqual([]);
  await Promise.all(changes.map((change) => store.commit(change)));
  expect(store.size).toBe(2);
});

test('what was asked for last is let go last, though it was at hand already', async () => {
  const store = storeOf(new ControlledBucket(), { cacheSize: 3 });
  for (const key of ['a', 'b', 'c']) await store.load(key);
  // Now the event of `a` waits for its turn, behind one that has to be loaded.
  expect(store.load('a')).toBeUndefined();
  for (const key of ['d', 'e']) await store.load(key);
  expect(store.peek('a')).toBeNull();
});

test('nothing is read while all is at hand, and what was let go is never taken for absent', async () => {
  const bucket = await ControlledBucket.holding({ a: '1', b: '2' });
  const store = storeOf(bucket, { cacheSize: 3 });
  await store.warmUp();
  expect(store.load('new')).toBeUndefined();
  expect(store.peek('new')).toBeNull();
  expect(bucket.reads).toEqual([]);

  expect(store.load('newer')).toBeUndefined();
  expect(store.peek('a')).toBeUndefined();
  await store.load('a');
  expect(store.peek('a')).toBe('1');
  expect(bucket.reads).toEqual(['a']);
});

test('a user who was new and is let go after being written is read again', async () => {
  const bucket = new ControlledBucket();
  const store = storeOf(bucket, { cacheSize: 1 });
  await store.warmUp();
  expect(store.load('a')).toBeUndefined();
  const change = store.set('a', '1');
  // The absence of `a` is let go while its first state is not written.
  expect(store.load('b')).toBeUndefined();
  await store.commit(change);
  await store.load('c');
  expect(store.peek('a')).toBeUndefined();
  await store.load('a');
  expect(store.peek('a')).toBe('1');
});

test('a bucket with more states than fit is not read at once', async () => {
  const bucket = await ControlledBucket.holding({ a: '1', b: '2', c: '3' });
  const store = storeOf(bucket, { cacheSize: 2 });
  await store.warmUp();
  expect(store.size).toBe(0);
  await store.load('c');
  expect(store.peek('c')).toBe('3');
});

test('that there are more states than fit is told once, when it turns out', async () => {
  const onOverflow = vi.fn<() => void>();
  const fits = storeOf(memoryBucket(), { cacheSize: 2, onOverflow });
  await fits.warmUp();
  for (const user of ['a', 'b']) await fits.load(user);
  expect(onOverflow).not.toHaveBeenCalled();
  for (const user of ['c', 'd']) await fits.load(user);
  expect(onOverflow).toHaveBeenCalledTimes(1);

  const holding = await ControlledBucket.holding({ a: '1', b: '2', c: '3' });
  await storeOf(holding, { cacheSize: 2, onOverflow }).warmUp();
  expect(onOverflow).toHaveBeenCalledTimes(2);
});

test('who is asked for twice is read once', async () => {
  const bucket = await ControlledBucket.holding({ a: '1' });
  bucket.held = true;
  const store = storeOf(bucket);
  const [one, other] = [store.load('a'), store.load('a')];
  bucket.release();
  await one;
  await other;
  expect(store.peek('a')).toBe('1');
  expect(bucket.reads).toEqual(['a']);
});

test('a state that cannot be read counts as none', async () => {
  const bucket = await ControlledBucket.holding({ a: 'unreadable' });
  const one = storeOf(bucket);
  await one.load('a');
  expect(one.peek('a')).toBeNull();
  const all = storeOf(bucket);
  await all.warmUp();
  expect(all.peek('a')).toBeNull();
});

test('a bucket that fails is asked again until it answers, and the trouble is told and cleared', async () => {
  const bucket = await ControlledBucket.holding({ a: '1' });
  const onTrouble = vi.fn<StoreOptions<string>['onTrouble']>();
  const store = storeOf(bucket, { onTrouble });
  bucket.failure = 'no responders';
  const load = store.load('a');
  const commit = store.commit(store.set('b', '2'));
  await vi.waitFor(() => expect(onTrouble).toHaveBeenCalledTimes(2), { timeout: 10_000 });
  expect(onTrouble).toHaveBeenLastCalledWith("users' states cannot be reached: no responders");
  bucket.failure = undefined;
  await load;
  expect(await commit).toBe(true);
  expect(onTrouble).toHaveBeenLastCalledWith(null);
  expect(store.peek('a')).toBe('1');
  expect(bucket.writes).toEqual([['b', '2']]);
});

test('an abort ends all waiting: what is not written is told so, what is not read stays unknown', async () => {
  const bucket = await ControlledBucket.holding({ a: '1' });
  bucket.failure = 'no responders';
  const abort = new AbortController();
  const onTrouble = vi.fn<StoreOptions<string>['onTrouble']>();
  const store = storeOf(bucket, { abort: abort.signal, onTrouble });
  const load = store.load('a');
  const commits = [store.commit(store.set('b', '2')), store.commit(store.set('b', '3'))];
  await vi.waitFor(() => expect(onTrouble).toHaveBeenCalled(), { timeout: 10_000 });
  abort.abort();
  await load;
  expect(store.peek('a')).toBeUndefined();
  expect(await Promise.all(commits)).toEqual([false, false]);
  expect(await store.commit(store.set('c', '4'))).toBe(false);
  await store.load('d');
  expect(store.peek('d')).toBeUndefined();
  expect(bucket.writes).toEqual([]);
});

test('whatever comes when, a state that is written contains committed changes alone, and none is lost', async () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const action = fc.oneof(
    fc.record({ kind: fc.constant('load' as const), key }),
    fc.record({ kind: fc.constant('set' as const), key }),
    fc.record({ kind: fc.constant('commit' as const), key, which: fc.nat(5) }),
    fc.record({ kind: fc.constant('giveUp' as const), key, which: fc.nat(5) }),
    fc.record({ kind: fc.constant('answer' as const) }),
  );
  /** A change as the model knows it. */
  interface Expected {
    readonly change: Change<string>;
    readonly text: string;
    result: ReturnType<typeof watch<boolean>> | undefined;
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (actions, cacheSize, warm) => {
        const before: Readonly<Record<string, string>> = { a: 'before' };
        const bucket = await ControlledBucket.holding(before);
        const store = storeOf(bucket, { cacheSize });
        if (warm) await store.warmUp();
        bucket.held = true;
        const changes = new Map<string, Expected[]>(['a', 'b', 'c'].map((name) => [name, []]));
        const of = (name: string): Expected[] => changes.get(name) ?? [];
        const givenUp: Expected[] = [];
        const committedOf = (name: string): readonly Expected[] => {
          const open = of(name).findIndex(({ result }) => result === undefined);
          return open === -1 ? of(name) : of(name).slice(0, open);
        };
        let writes = 0;
        let number = 0;
        const check = async (): Promise<void> => {
          await idle();
          for (const [name, text] of bucket.writes.slice(writes)) {
            expect(committedOf(name).map((one) => one.text)).toContain(text);
          }
          writes = bucket.writes.length;
          for (const name of changes.keys()) {
            const newest = of(name).at(-1)?.text ?? before[name] ?? null;
            expect([newest, undefined]).toContain(store.peek(name));
          }
        };

        for (const next of actions) {
          if (next.kind === 'load') void store.load(next.key);
          if (next.kind === 'answer') bucket.answer();
          if (next.kind === 'set') {
            const current = store.peek(next.key);
            if (current === undefined) continue;
            const text = `${current ?? ''}+${number++}`;
            of(next.key).push({ change: store.set(next.key, text), text, result: undefined });
          }
          if (next.kind === 'commit') {
            const open = of(next.key).filter(({ result }) => result === undefined)[next.which];
            if (open !== undefined) open.result = watch(store.commit(open.change));
          }
          if (next.kind === 'giveUp') {
            const open = of(next.key).filter(({ result }) => result === undefined)[next.which];
            const place = open === undefined ? Infinity : of(next.key).indexOf(open);
            for (const [index, one] of of(next.key).splice(place).entries()) {
              if (index === 0) store.giveUp(one.change);
              givenUp.push(one);
            }
          }
          await check();
        }
        bucket.release();
        await check();

        const later = storeOf(bucket);
        for (const name of changes.keys()) {
          const committed = committedOf(name);
          const expected = committed.at(-1)?.text ?? before[name] ?? null;
          expect(await bucket.written(name)).toBe(expected);
          await later.load(name);
          expect(later.peek(name)).toBe(expected);
          for (const one of of(name)) expect(one.result?.value()).toBe(committed.includes(one) ? true : undefined);
        }
        for (const { result } of givenUp) expect(result?.value() ?? false).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});
