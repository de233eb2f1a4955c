import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, post } from './support.ts';

/** What an attribute is after values were sent for it, one request after the other. */
async function after(...sent: readonly unknown[]): Promise<unknown> {
  return afterObjects(sent.map((value) => ({ value })));
}

async function afterObjects(objects: readonly Record<string, unknown>[]): Promise<unknown> {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  for (const object of objects) {
    const { status } = await post(simulator, { attributes: [attributes(object)] });
    expect(status).toBe(201);
  }
  return simulator.profile('u1')?.attributes['value'];
}

test('a value takes the place of the one before it', async () => {
  expect(await after(1, 'two')).toBe('two');
  expect(await after('')).toBe('');
});

test('null removes an attribute', async () => {
  expect(await after(1, null)).toBeUndefined();
  expect(await after(null)).toBeUndefined();
});

test('a number is incremented, also from nothing and downwards', async () => {
  expect(await after(1, { inc: 2 }, { inc: -5 })).toBe(-2);
  expect(await after({ inc: 3 })).toBe(3);
  expect(await after(1, { inc: 1.5 })).toBe(1);
  expect(await after('text', { inc: 1 })).toBe('text');
});

test('an array is a set, in the order of the last addition', async () => {
  expect(await after(['hotdog', 'hotdog', 'hotdog', 'pizza'])).toEqual(['hotdog', 'pizza']);
  expect(await after(['a', 'b'], { add: ['c', 'a'] })).toEqual(['b', 'c', 'a']);
  expect(await after(['a', 'b'], { remove: ['a'], add: ['c'] })).toEqual(['b', 'c']);
  expect(await after({ add: ['a'] })).toEqual(['a']);
  expect(await after('text', { add: ['a'] })).toBe('text');
});

test('a full array loses its oldest values', async () => {
  const full = Array.from({ length: 500 }, (_, index) => index);
  expect(await after(full, { add: [500] })).toEqual([...full.slice(1), 500]);
});

test('an object takes the place of the one before it unless merging is asked for', async () => {
  const first = { value: { a: 1, b: { c: 2 } } };
  const second = { value: { b: { d: 3 } } };
  expect(await afterObjects([first, second])).toEqual({ b: { d: 3 } });
  expect(await afterObjects([first, { ...second, _merge_objects: true }])).toEqual({ a: 1, b: { c: 2, d: 3 } });
});

const pets = [
  { id: 1, type: 'dog' },
  { id: 2, type: 'cat' },
];

test('objects in an array are added, removed and updated, in this order', async () => {
  const by = (id: number) => ({ $identifier_key: 'id', $identifier_value: id });
  expect(await after(pets, { $add: [{ id: 3 }] })).toEqual([...pets, { id: 3 }]);
  expect(await after(pets, { $remove: [by(1)] })).toEqual([pets[1]]);
  expect(await after(pets, { $update: [{ ...by(2), $new_object: { name: 'x' } }] })).toEqual([pets[0], { name: 'x' }]);
  expect(
    await afterObjects([
      { value: pets },
      { value: { $update: [{ ...by(2), $new_object: { name: 'x' } }] }, _merge_objects: true },
    ]),
  ).toEqual([pets[0], { id: 2, type: 'cat', name: 'x' }]);
  const upsert = { $remove: [by(3)], $add: [{ id: 3 }], $update: [{ ...by(1), $new_object: { id: 9 } }] };
  expect(await after(pets, upsert)).toEqual([{ id: 9 }, pets[1]]);
});

test.each([
  { a: null },
  { a: { b: null } },
  { 'a.b': 1 },
  { $a: 1 },
  { 'a b': 1 },
  { at: { $time: 'tomorrow' } },
  { at: { $time: null } },
  [{ a: null }],
  { $add: [{ a: null }] },
])('a bad value inside of %j drops the update without a word', async (bad) => {
  const known = [{ id: 1 }];
  expect(await after(known, bad)).toEqual(known);
});

test('a time inside of an object is kept', async () => {
  expect(await after({ at: { $time: '2026-01-01' } })).toEqual({ at: { $time: '2026-01-01' } });
});

test('a nested value above 100 KB is dropped without a word', async () => {
  const list = (length: number) => Array.from({ length }, () => ({ key: 'x'.repeat(90) }));
  expect(await after(list(900), { $add: list(200) })).toHaveLength(900);
  expect(await after(list(1100))).toBeUndefined();
});

test('long text is cut and counted, never rejected', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const reply = await post(simulator, {
    attributes: [
      attributes({ ['n'.repeat(300)]: 1, long: 'x'.repeat(256), wide: '€'.repeat(200), fits: 'x'.repeat(255) }),
    ],
    events: [
      event({ name: 'e'.repeat(300), properties: { text: 'x'.repeat(300), nested: { list: ['y'.repeat(300)] } } }),
    ],
  });
  expect(reply.status).toBe(201);
  expect(simulator.profile('u1')?.attributes).toEqual({
    plan: 'free',
    ['n'.repeat(255)]: 1,
    long: 'x'.repeat(255),
    wide: '€'.repeat(159),
    fits: 'x'.repeat(255),
  });
  const [kept] = simulator.eventsOf('u1');
  expect(kept?.name).toBe('e'.repeat(255));
  expect(kept?.properties).toEqual({ text: 'x'.repeat(255), nested: { list: ['y'.repeat(255)] } });
  expect(simulator.counts().truncations).toBe(6);
});

test.each([
  ['5', '"five"', 5],
  ['5', '"6"', 6],
  ['5', 'true', 5],
  ['"five"', '6', '6'],
  ['"five"', 'true', 'true'],
  ['"five"', '["six"]', 'five'],
  ['true', '"false"', false],
  ['true', '0', true],
  ['["a"]', '{"add":["b"]}', ['a', 'b']],
  ['5', '{"inc":1}', 6],
])('with fixed types an attribute that is %s and gets %s is then %j', async (first, second, expected) => {
  await using simulator = await startSimulator({ applyDelayMs: 0, fixedAttributeTypes: true });
  for (const value of [first, second]) {
    await post(simulator, { attributes: [attributes({ value: JSON.parse(value) as unknown })] });
  }
  expect(simulator.profile('u1')?.attributes['value']).toEqual(expected);
});

test('an attribute named as a part of every object is one like any', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, '{"attributes":[{"external_id":"u1","__proto__":"x","constructor":"y"}]}');
  const stored = simulator.profile('u1')?.attributes ?? {};
  expect(Object.entries(stored)).toEqual([
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
