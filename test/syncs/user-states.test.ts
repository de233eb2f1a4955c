import { expect, test, vi } from 'vitest';
import { Envelope } from '../../src/core/message.ts';
import { memoryBucket } from '../../src/profiles/memory-bucket.ts';
import type { Sync } from '../../src/syncs/sync.ts';
import { needsUserStates, userStates, type UserStatesOptions } from '../../src/syncs/user-states.ts';
import { RecordedMessage } from '../recorded-message.ts';
import { sampleSync } from './sample-sync.ts';

function statesOf(sync: Sync, options: Partial<UserStatesOptions> = {}) {
  return userStates(sync, {
    bucket: memoryBucket(),
    cacheSize: 10,
    streamMadeAt: 1,
    settledThrough: () => 0,
    abort: new AbortController().signal,
    onTrouble: () => undefined,
    onLeftOut: () => undefined,
    onFault: () => undefined,
    ...options,
  });
}

/** What a sync keeps of users, by name. */
function keptBy(rule: Parameters<typeof sampleSync>[0]) {
  const { selection } = statesOf(sampleSync(rule));
  const nameOf = (slot: number | undefined) => (slot === undefined ? undefined : selection.slots[slot]?.name);
  return {
    sent: selection.sent.map(({ name }) => name),
    read: selection.reads.map(nameOf),
    identifier: nameOf(selection.identifier?.slot),
    content: selection.content,
    bare: selection.sendsBareUsers,
  };
}

test.each([
  ['sends users', { users: { properties: ['plan'] } }, true],
  ['sends users without properties', { users: {} }, true],
  ['does not send them', { users: { send: false, properties: ['plan'] } }, false],
  ['sends events with properties of their own', { events: { select: ['*'], properties: ['platform'] } }, false],
  ['sends a user property', { events: { select: ['*'], properties: ['user_properties.plan'] } }, true],
  [
    'sends a user property under another name',
    { events: { select: ['*'], properties: [{ from: 'user_properties.plan', as: 'tier' }] } },
    true,
  ],
  [
    'would send a user property if it sent events',
    { events: { send: false, properties: ['user_properties.plan'] } },
    false,
  ],
  ['identifies users by a user property', { identifier: { property: 'user_properties.crm_id' } }, true],
  ['identifies users by a field of the event', { identifier: { property: 'device_id' } }, false],
] as const)('a sync that %s: are states needed? %s %s', (_name, rule, needed) => {
  expect(needsUserStates(sampleSync(rule))).toBe(needed);
});

test('the properties that are sent, those that events read, and the identifier are kept', () => {
  const rule = {
    identifier: { property: 'user_properties.crm_id' },
    events: { select: ['*'], properties: ['user_properties.plan', 'user_properties.a.b', 'event_properties.level'] },
    users: { properties: ['plan', 'level'], content: 'selected' },
  };
  expect(keptBy(rule)).toEqual({
    sent: ['plan', 'level'],
    read: ['plan', 'a.b', 'crm_id'],
    identifier: 'crm_id',
    content: 'selected',
    bare: false,
  });
});

test('what is switched off is not kept', () => {
  const users = { send: false, properties: ['plan'] };
  const events = { send: false, properties: ['user_properties.level'] };
  expect(keptBy({ users, events })).toMatchObject({ sent: [], read: [], identifier: undefined });
});

test('users without properties are created unless only those are updated that Braze has', () => {
  expect(keptBy({ users: {} }).bare).toBe(true);
  expect(keptBy({ users: {}, destination: { updateUsersOnly: true } }).bare).toBe(false);
  expect(keptBy({ users: { properties: ['plan'] } }).bare).toBe(false);
  expect(keptBy({ users: { send: false } }).bare).toBe(false);
});

test('an identifier from the state is read as one from an event', () => {
  const property = 'user_properties.email';
  const byEmail = statesOf(sampleSync({ identifier: { type: 'email', property } })).selection.identifier;
  const byId = statesOf(sampleSync({ identifier: { property } })).selection.identifier;
  expect(byEmail?.read(' ada@example.com ')).toBe('ada@example.com');
  expect(byId?.read(' ada ')).toBe(' ada ');
  expect(byId?.read(7)).toBe('7');
  for (const nothing of [undefined, null, '', ' ', '(none)', true, {}, ['a']]) {
    expect(byId?.read(nothing)).toBeUndefined();
  }
});

test('the place of an event is its stream, its message, its index, and what is settled by now', () => {
  let floor = 3;
  const { positionOf } = statesOf(sampleSync({ users: {} }), { streamMadeAt: 17, settledThrough: () => floor });
  const envelope = new Envelope('event', new RecordedMessage(), 2);
  expect(positionOf(envelope)).toEqual({ stream: 17, sequence: 1, index: 2, settledThrough: 3, redelivered: false });
  floor = 9;
  expect(positionOf(envelope).settledThrough).toBe(9);
});

test('states are written and read by the names of their properties', async () => {
  const bucket = memoryBucket();
  const before = statesOf(sampleSync({ users: { properties: ['plan', 'level'] } }), { bucket });
  const applied = { stream: 1, through: 0, messages: [] };
  await before.store.commit(before.store.set('user', { values: ['pro', 3], applied, unsent: [] }));
  const after = statesOf(sampleSync({ users: { properties: ['level', 'new'] } }), { bucket });
  await after.store.load('user');
  expect(after.store.peek('user')?.values).toEqual([3, undefined]);
});

test('a state that cannot be read is told, and its user is new', async () => {
  const bucket = memoryBucket();
  await bucket.put('user', Buffer.from('{"v":2}'));
  const onFault = vi.fn<UserStatesOptions['onFault']>();
  const { store } = statesOf(sampleSync({ users: {} }), { bucket, onFault });
  await store.load('user');
  expect(store.peek('user')).toBeNull();
  expect(onFault.mock.calls).toEqual([["the user's state is of version 2, and this program reads version 1"]]);
});
