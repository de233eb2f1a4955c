import { expect, test } from 'vitest';
import { updateOf } from '../../src/profiles/update.ts';

const said = { plan: 'pro' };

test('an ordinary event of the HTTP API says what its keys name, and nothing of others', () => {
  const event = { event_type: 'Purchase', user_id: 'u', time: 1_767_225_600_000, user_properties: said };
  expect(updateOf(event)).toEqual({ properties: said, operations: [], snapshot: false });
});

test.each([
  ['an ordinary event', { event_type: 'Purchase', time: 1 }],
  ['a $identify event', { event_type: '$identify', time: 1 }],
  ['a call of the Identify API', {}],
  ['an exported event', { event_type: 'Purchase', event_time: '2026-01-01 00:00:00.000000' }],
])('operations count on %s', (_, event) => {
  const operations = { $setOnce: { plan: 'free' }, $clearAll: '-' };
  expect(updateOf({ ...event, user_id: 'u', user_properties: operations })).toEqual({
    properties: operations,
    operations: [
      { name: '$clearAll', operands: undefined },
      { name: '$setOnce', operands: { plan: 'free' } },
    ],
    snapshot: false,
  });
});

test.each([
  ['event_time', { event_time: '2026-01-01 00:00:00.000000' }],
  ['an amplitude_id', { amplitude_id: 1 }],
  ['a uuid', { uuid: '0f2f0a0c-0000-11ee-be56-0242ac120002' }],
  ['a $insert_id', { $insert_id: 'i' }],
])('an event with %s is exported: its user properties are all that there are', (_, fields) => {
  expect(updateOf({ event_type: 'Purchase', user_id: 'u', user_properties: said, ...fields })?.snapshot).toBe(true);
});

test.each([
  ['an event of the HTTP API that was given an amplitude_id', { event_type: 'Purchase', time: 1, amplitude_id: 2 }],
  ['a $identify event', { event_type: '$identify', event_time: '2026-01-01 00:00:00' }],
  ['a call of the Identify API', { amplitude_id: 2 }],
  ['nulls where an export has ids', { event_type: 'Purchase', amplitude_id: null, uuid: null }],
])('%s is no snapshot', (_, event) => {
  expect(updateOf({ ...event, user_properties: said })).toMatchObject({ properties: said, snapshot: false });
});

test.each([[undefined], [null], ['text'], [[1]]])('user_properties of %j say nothing of any property', (properties) => {
  const event = { event_type: 'Purchase', event_time: '2026-01-01 00:00:00', user_properties: properties };
  expect(updateOf(event)).toEqual({ properties: undefined, operations: [], snapshot: false });
});

test('an event that concerns a group, or is to leave the user alone, is no update', () => {
  expect(updateOf({ event_type: '$groupidentify', user_properties: said })).toBeUndefined();
  const skipped = { event_type: 'Purchase', $skip_user_properties_sync: true, user_properties: said };
  expect(updateOf(skipped)).toBeUndefined();
  expect(updateOf({ ...skipped, $skip_user_properties_sync: false })).toBeDefined();
});
