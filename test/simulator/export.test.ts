import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { post } from './support.ts';

const path = '/users/export/ids';
const keys = [{ key: 'k', permissions: ['users.track', 'users.export.ids'] }];
const wanted = ['external_id', 'user_aliases', 'custom_attributes', 'email'];

test('a user is exported by external id or alias, with the fields that were asked for', async () => {
  await using simulator = await startSimulator({ keys, applyDelayMs: 0 });
  const alias = { alias_name: 'a', alias_label: 'l' };
  await post(simulator, {
    attributes: [
      { external_id: 'u', plan: 'pro', first_name: 'Ada', email: 'ada@example.com' },
      { user_alias: alias, _update_existing_only: false, plan: 'free' },
    ],
  });
  await simulator.settled();
  const body = { external_ids: ['u', 'nobody'], user_aliases: [alias], fields_to_export: wanted };
  const reply = await post(simulator, body, { path });
  expect(reply.status).toBe(201);
  expect(reply.json()).toEqual({
    message: 'success',
    users: [
      { external_id: 'u', custom_attributes: { plan: 'pro' }, email: 'ada@example.com' },
      { user_aliases: [alias], custom_attributes: { plan: 'free' } },
    ],
    invalid_user_ids: ['nobody'],
  });
});

test('what was accepted and is not applied yet is not exported', async () => {
  await using simulator = await startSimulator({ keys, applyDelayMs: 60_000 });
  await post(simulator, { attributes: [{ external_id: 'u', plan: 'pro' }] });
  const reply = await post(simulator, { external_ids: ['u'], fields_to_export: wanted }, { path });
  expect(reply.json()).toMatchObject({ users: [], invalid_user_ids: ['u'] });
});

test.each([
  [{ external_ids: Array.from({ length: 51 }, String), fields_to_export: wanted }],
  [{ external_ids: ['u'] }],
  [{ external_ids: ['u'], fields_to_export: ['plan'] }],
  [{ external_ids: 'u', fields_to_export: wanted }],
  [{ fields_to_export: wanted }],
  ['no JSON'],
])('an export that asks for too much, for nothing or wrongly is refused: %j', async (body) => {
  await using simulator = await startSimulator({ keys });
  expect((await post(simulator, body, { path })).status).toBe(400);
});

test('an export takes a key with the permission, and no more of them than a minute allows', async () => {
  await using simulator = await startSimulator({
    keys: [...keys, { key: 'other', permissions: ['users.track'] }],
    exportsPerMinute: 0,
  });
  const body = { external_ids: ['u'], fields_to_export: wanted };
  const statusWith = async (key: string) =>
    (await post(simulator, body, { path, headers: { authorization: `Bearer ${key}` } })).status;
  expect([await statusWith('none'), await statusWith('other'), await statusWith('k')]).toEqual([401, 403, 429]);
});
