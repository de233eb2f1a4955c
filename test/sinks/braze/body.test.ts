import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { placesOf, trackBody } from '../../../src/sinks/braze/body.ts';
import type { BrazeConfig } from '../../../src/sinks/braze/config.ts';
import { encodeEvent, encodeUpdate } from '../../../src/sinks/braze/request.ts';
import { readReply } from '../../../src/sinks/braze/response.ts';

const config: BrazeConfig = {
  endpoint: 'https://rest.iad-01.braze.com',
  apiKey: 'key',
  identifierType: 'external_id',
  updateUsersOnly: false,
};
const time = '2026-01-05T09:00:00.000Z';
const event = (identifier: string) => encodeEvent(config)({ identifier, name: 'Viewed', time, properties: {} }, 0);
const update = (identifier: string, attributes: Record<string, unknown>) =>
  encodeUpdate(config)({ identifier, attributes }, 0);

test('updates and events travel in one body', () => {
  const { body } = trackBody([update('a', { plan: 'pro' }), event('a')]);
  expect(JSON.parse(body)).toEqual({
    attributes: [{ external_id: 'a', plan: 'pro' }],
    events: [{ external_id: 'a', name: 'Viewed', time }],
  });
});

test('several updates of a user become one object, in which the newest value counts', () => {
  const { body } = trackBody([
    update('a', { plan: 'free', city: 'Köln' }),
    update('b', { plan: 'pro' }),
    update('a', { plan: 'pro', city: null }),
  ]);
  expect(JSON.parse(body)).toEqual({
    attributes: [
      { external_id: 'a', plan: 'pro', city: null },
      { external_id: 'b', plan: 'pro' },
    ],
  });
});

test('an alias is created by its update unless only existing users are updated', () => {
  const alias: BrazeConfig = { ...config, identifierType: 'user_alias', userAliasLabel: 'device' };
  const written = (updateUsersOnly: boolean): unknown =>
    JSON.parse(encodeUpdate({ ...alias, updateUsersOnly })({ identifier: 'd', attributes: { plan: 'pro' } }, 0).json);
  expect(written(false)).toEqual({
    user_alias: { alias_name: 'd', alias_label: 'device' },
    _update_existing_only: false,
    plan: 'pro',
  });
  expect(written(true)).toMatchObject({ _update_existing_only: true });
});

test('what Braze refuses in attributes is laid to every update that the object stands for', () => {
  const entries = [event('a'), update('a', { x: 1 }), update('b', { x: 1 }), update('a', { x: 2 })];
  expect(trackBody(entries).objects).toBe(3);
  const places = () => placesOf(entries);
  const errors = [
    { type: 'BAD', input_array: 'attributes', index: 0 },
    { type: 'WORSE', input_array: 'events', index: 0 },
  ];
  const body = JSON.stringify({ message: 'success', errors });
  const verdict = readReply({ kind: 'answer', status: 201, headers: {}, body }, { places, now: 0, secret: 'key' });
  expect(verdict).toEqual({
    kind: 'accepted',
    refused: new Map([
      [1, 'BAD'],
      [3, 'BAD'],
      [0, 'WORSE'],
    ]),
  });
});

test('whatever updates hold, the merged object is what applying them one by one gives', () => {
  const attributes = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  fc.assert(
    fc.property(fc.array(attributes, { minLength: 1, maxLength: 5 }), (several) => {
      const { body } = trackBody(several.map((each) => update('a', each)));
      const expected = {};
      for (const each of several) {
        for (const [name, value] of Object.entries(each)) {
          Object.defineProperty(expected, name, { value, enumerable: true, configurable: true, writable: true });
        }
      }
      expect(JSON.parse(body)).toEqual({
        attributes: [JSON.parse(JSON.stringify({ external_id: 'a', ...expected })) as unknown],
      });
    }),
  );
});
