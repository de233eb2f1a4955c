import { expect, test } from 'vitest';
import { Packer, type PackOptions } from '../../src/operators/pack.ts';
import { entry, update } from './controlled-sink.ts';

type Request = NonNullable<ReturnType<Packer['take']>>;

function packer(options: Partial<PackOptions> = {}): Packer {
  return new Packer({ order: 'user', maxEntries: 3, maxBytes: 1_000, ...options });
}

function namesOf(request: Request | undefined): readonly string[] | undefined {
  return request?.map(({ value }) => value.json);
}

/** Takes a request that has to be there. */
function take(from: Packer): Request {
  const request = from.take(true);
  if (request === undefined) throw new Error('nothing to take');
  return request;
}

test('of nothing there is nothing to take', () => {
  const empty = packer();
  empty.makeDue();
  expect(empty.empty).toBe(true);
  expect(empty.take(true)).toBeUndefined();
  expect(empty.drain()).toEqual([]);
});

test('a request leaves when it is full, when it is due, or when it shall go anyway', () => {
  const some = packer();
  some.add([entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1'), entry('dan', 'd1')]);
  expect(namesOf(some.take(false))).toEqual(['a1', 'b1', 'c1']);
  expect(some.take(false)).toBeUndefined();
  some.makeDue();
  expect(namesOf(some.take(false))).toEqual(['d1']);
  some.add([entry('eve', 'e1')]);
  expect(some.take(false)).toBeUndefined();
  expect(namesOf(some.take(true))).toEqual(['e1']);
});

test('what is due takes along what is not', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  some.makeDue();
  some.add([entry('bob', 'b1')]);
  expect(namesOf(some.take(false))).toEqual(['a1', 'b1']);
});

test('a user who is in a request waits for its answer, and then goes first', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  const first = take(some);
  some.add([entry('ada', 'a2'), entry('bob', 'b1')]);
  expect(namesOf(some.take(true))).toEqual(['b1']);
  expect(some.empty).toBe(false);
  some.add([entry('cyd', 'c1')]);
  some.answered(first);
  expect(namesOf(some.take(true))).toEqual(['a2', 'c1']);
  expect(some.empty).toBe(true);
});

test('what waits for its user stays due', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  const first = take(some);
  some.add([entry('ada', 'a2')]);
  some.take(false);
  some.makeDue();
  some.answered(first);
  expect(namesOf(some.take(false))).toEqual(['a2']);
});

test('a user with more than a request holds goes on in the next', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  const first = take(some);
  some.add(['a2', 'a3', 'a4', 'a5'].map((name) => entry('ada', name)));
  some.add([entry('bob', 'b1')]);
  expect(some.take(false)).toBeUndefined();
  some.answered(first);
  // Bob came before Ada was free again, but would take a place in a request that she fills by herself.
  const second = take(some);
  expect(namesOf(second)).toEqual(['a2', 'a3', 'a4']);
  expect(namesOf(some.take(true))).toEqual(['b1']);
  some.answered(second);
  expect(namesOf(some.take(true))).toEqual(['a5']);
});

test('a user who fills no request goes along with those who came before', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  const first = take(some);
  some.add([entry('ada', 'a2'), entry('ada', 'a3'), entry('bob', 'b1')]);
  expect(some.take(false)).toBeUndefined();
  some.answered(first);
  expect(namesOf(some.take(true))).toEqual(['b1', 'a2', 'a3']);
});

test('a user whose updates have to wait for events gets no request that is half empty', () => {
  const some = packer();
  some.add([entry('ada', 'a1')]);
  const first = take(some);
  some.add([entry('ada', 'event'), update('ada', 'update'), entry('ada', 'newer'), entry('bob', 'b1')]);
  expect(some.take(false)).toBeUndefined();
  some.answered(first);
  expect(namesOf(some.take(true))).toEqual(['b1', 'event']);
});

test('a user whose entries do not fit any more goes first into the next request', () => {
  const some = packer({ maxBytes: 40, maxEntries: 10 });
  some.add([entry('ada', 'a1'), entry('bob', 'b1'), entry('cyd', 'c1')]);
  const first = take(some);
  some.add([entry('ada', 'a2', 35), entry('bob', 'b2', 35), entry('cyd', 'c2', 35)]);
  expect(some.take(true)).toBeUndefined();
  some.answered(first);
  expect([1, 2, 3].map(() => namesOf(some.take(true)))).toEqual([['a2'], ['b2'], ['c2']]);
});

test('an update waits for the answer to an older event of its user, and takes along what is newer', () => {
  const some = packer({ maxEntries: 10 });
  some.add([
    entry('ada', 'event'),
    update('ada', 'update'),
    entry('ada', 'newer event'),
    update('bob', 'first update'),
  ]);
  some.add([update('bob', 'second update'), entry('bob', 'event of bob')]);
  const first = take(some);
  expect(namesOf(first)).toEqual(['event', 'first update', 'second update', 'event of bob']);
  expect(some.take(true)).toBeUndefined();
  some.answered(first);
  expect(namesOf(some.take(true))).toEqual(['update', 'newer event']);
  expect(some.empty).toBe(true);
});

test('of a user who waited, an update behind an event waits once more', () => {
  const some = packer({ maxEntries: 10 });
  some.add([entry('ada', 'e1')]);
  const first = take(some);
  some.add([entry('ada', 'e2'), update('ada', 'u1'), entry('ada', 'e3'), update('ada', 'u2')]);
  some.take(true);
  some.makeDue();
  some.answered(first);
  const second = take(some);
  expect(namesOf(second)).toEqual(['e2']);
  some.answered(second);
  const third = take(some);
  expect(namesOf(third)).toEqual(['u1', 'e3']);
  some.answered(third);
  expect(namesOf(some.take(false))).toEqual(['u2']);
});

test('without order an update goes with any event', () => {
  const some = packer({ order: 'none' });
  some.add([entry('ada', 'event'), update('ada', 'update')]);
  expect(namesOf(some.take(true))).toEqual(['event', 'update']);
});

test('the commas between entries count', () => {
  const some = packer({ maxBytes: 31, maxEntries: 10 });
  some.add(['a1', 'a2', 'a3', 'a4'].map((name) => entry('ada', name, 10)));
  expect(namesOf(some.take(true))).toEqual(['a1', 'a2']);
});

test('an entry that is too long by itself goes alone', () => {
  const some = packer({ maxBytes: 30 });
  some.add([entry('ada', 'a1'), entry('bob', 'long', 31), entry('cyd', 'c1')]);
  expect(['a1', 'long', 'c1'].map(() => namesOf(some.take(true)))).toEqual([['a1'], ['long'], ['c1']]);
});

test('a long queue is taken in order', () => {
  const some = packer({ order: 'none', maxEntries: 75 });
  const names = Array.from({ length: 5_000 }, (_, index) => String(index));
  some.add(names.slice(0, 3_000).map((name) => entry('ada', name)));
  const taken: string[] = [];
  for (let requests = 0; requests < 20; requests++) taken.push(...(namesOf(take(some)) ?? []));
  some.add(names.slice(3_000).map((name) => entry('ada', name)));
  while (!some.empty) taken.push(...(namesOf(take(some)) ?? []));
  expect(taken).toEqual(names);
});

test('what is due in a long queue stays due when the queue lets go of what was taken', () => {
  const some = packer({ maxEntries: 75 });
  some.add(Array.from({ length: 2_000 }, (_, index) => entry(`user-${index}`, String(index))));
  some.makeDue();
  some.add([entry('late', 'late')]);
  const sizes: number[] = [];
  for (let request = some.take(false); request !== undefined; request = some.take(false)) sizes.push(request.length);
  expect(sizes).toEqual([...Array.from({ length: 26 }, () => 75), 51]);
  some.add([entry('later', 'later')]);
  expect(some.take(false)).toBeUndefined();
});

test('draining gives all that waits, wherever it waits', () => {
  const some = packer({ maxEntries: 2 });
  some.add([entry('ada', 'a1'), entry('bob', 'b1')]);
  some.take(true);
  some.add([entry('ada', 'a2'), entry('cyd', 'c1')]);
  expect(some.take(false)).toBeUndefined();
  some.add([entry('dan', 'd1')]);
  expect(namesOf(some.drain())?.toSorted()).toEqual(['a2', 'c1', 'd1']);
  expect(some.empty).toBe(true);
  expect(some.take(true)).toBeUndefined();
});
