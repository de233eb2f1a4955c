import { expect, inject, test } from 'vitest';
import { apiKey, RunningGateway } from './running-gateway.ts';

const natsUrl = inject('natsUrl');
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const mia = {
  user_id: 'mia-10001',
  user_properties: { $set: { plan: 'pro', city: 'Köln & more' } },
  country: 'Germany',
};

test.each([
  ['a form', new URLSearchParams({ api_key: apiKey, identification: JSON.stringify(mia) }).toString(), form],
  [
    'a form of a list',
    new URLSearchParams({ api_key: apiKey, identification: JSON.stringify([mia]) }).toString(),
    form,
  ],
  ['JSON', JSON.stringify({ api_key: apiKey, identification: mia }), {}],
  ['JSON of a list', JSON.stringify({ api_key: apiKey, identification: [mia] }), {}],
  ['JSON that holds text', JSON.stringify({ api_key: apiKey, identification: JSON.stringify(mia) }), {}],
])('an identification in %s is stored as a $identify event', async (_, text, headers) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { body } = await gateway.post('/identify', text, headers);
  expect(body).toMatchObject({ code: 200, events_ingested: 1 });
  const [message] = await gateway.stored();
  expect(message?.subject).toMatch(/^\d\.\$identify$/);
  expect(message?.value).toEqual({ ...mia, event_type: '$identify', time: expect.any(Number) as number });
});

test('a group identification is stored as a $groupidentify event', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const identification = [
    { group_type: 'org', group_value: 'Acme', group_properties: { $set: { size: 7 } } },
    { group_type: 'org', group_value: 9 },
  ];
  const { status } = await gateway.post('/groupidentify', { api_key: apiKey, identification });
  expect(status).toBe(200);
  expect((await gateway.stored()).map(({ value }) => value)).toMatchObject([
    { event_type: '$groupidentify', groups: { org: 'Acme' }, group_properties: { $set: { size: 7 } } },
    { event_type: '$groupidentify', groups: { org: 9 }, group_properties: {} },
  ]);
});

test.each([
  ['/identify', { api_key: apiKey }, { missing_field: 'identification' }],
  ['/identify', { api_key: apiKey, identification: [] }, { missing_field: 'identification' }],
  ['/identify', { api_key: apiKey, identification: '{' }, { error: 'Invalid JSON request body' }],
  ['/identify', { api_key: apiKey, identification: [7] }, { error: 'Invalid event JSON' }],
  ['/identify', { api_key: 'no', identification: [mia] }, { error: 'Invalid API key' }],
  [
    '/identify',
    { api_key: apiKey, identification: [mia, {}] },
    { events_with_missing_fields: { user_id: [1], device_id: [1] } },
  ],
  ['/groupidentify', { api_key: apiKey, identification: [{ group_type: 'org' }] }, { missing_field: 'group_value' }],
  ['/groupidentify', { api_key: apiKey, identification: [{ group_value: 'x' }] }, { missing_field: 'group_type' }],
])('%s answers %j with 400 and why', async (path, request, expected) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { status, body } = await gateway.post(path, request);
  expect(status).toBe(400);
  expect(body).toMatchObject(expected);
  expect(await gateway.stored()).toEqual([]);
});
