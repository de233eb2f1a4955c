import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, problemOf } from './support.ts';

const group = { subscription_group_id: '0f5c1a34-7f2a-4c1f-9d5e-1b2c3d4e5f60', subscription_state: 'subscribed' };
const token = { app_id: 'app-1', token: 'abcd' };

test.each([
  ['BAD_EMAIL_SUBSCRIPTION_STATE', { email_subscribe: 'yes' }],
  ['BAD_PUSH_SUBSCRIPTION_STATE', { push_subscribe: true }],
  ['BAD_LOCATION_UPDATE', { current_location: { longitude: 1 } }],
  ['BAD_LOCATION_UPDATE', { current_location: 'Berlin' }],
  ['BAD_SUBSCRIPTION_GROUP_ARRAY', { subscription_groups: group }],
  ['BAD_SUBSCRIPTION_GROUP_HASH', { subscription_groups: ['a'] }],
  ['BAD_SUBSCRIPTION_GROUP_HASH', { subscription_groups: [{ subscription_state: 'subscribed' }] }],
  ['BAD_SUBSCRIPTION_GROUP_ID', { subscription_groups: [{ ...group, subscription_group_id: 'g' }] }],
  ['BAD_SUBSCRIPTION_GROUP_STATE', { subscription_groups: [group, { ...group, subscription_state: 'opted_in' }] }],
  ['BAD_PUSH_TOKEN_VALUE', { push_tokens: token }],
  ['BAD_PUSH_TOKEN_VALUE', { push_tokens: ['abcd'] }],
  ['BAD_PUSH_TOKEN_STRING', { push_tokens: [{ ...token, token: 1 }] }],
  ['BAD_PUSH_TOKEN_APP_ID', { push_tokens: [{ ...token, app_id: '' }] }],
  ['BAD_PUSH_TOKEN_APP_ID', { push_tokens: [{ ...token, app_id: 'app-2' }] }],
  ['BAD_DEVICE_ID', { push_tokens: [{ ...token, device_id: 'short' }] }],
  ['BAD_PUSH_TOKEN_IMPORT', { push_token_import: true, push_tokens: [token] }],
  ['BAD_PUSH_TOKEN_IMPORT', { push_token_import: true, external_id: undefined }],
  ['INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO', { email_subscription_info: {} }],
])('%s is the answer to %j', async (code, fields) => {
  await using simulator = await startSimulator({ apps: ['app-1'] });
  expect(await problemOf(simulator, { attributes: [attributes(fields)] })).toBe(code);
});

test.each([
  { email_subscribe: 'opted_in', push_subscribe: 'unsubscribed' },
  { email_subscribe: null },
  { current_location: { longitude: 13.4, latitude: 52.5 } },
  { subscription_groups: [group, { ...group, subscription_state: 'unsubscribed' }] },
  { push_tokens: [token, { ...token, device_id: 'device-1' }] },
  { push_token_import: true, external_id: undefined, push_tokens: [token] },
  { email_subscribed: 'a custom attribute' },
])('%j is accepted', async (fields) => {
  await using simulator = await startSimulator({ apps: ['app-1'] });
  expect(await problemOf(simulator, { attributes: [attributes(fields)] })).toBe('accepted');
});

test('a push token import makes a profile without a name', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await problemOf(simulator, { attributes: [{ push_token_import: true, push_tokens: [token] }] });
  expect(simulator.profiles()).toEqual([
    { brazeId: expect.stringMatching(/^[0-9a-f]{24}$/), attributes: { push_tokens: [token] } },
  ]);
});
