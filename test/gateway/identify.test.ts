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

test('an identification in a form of several parts, or in the query, is stored as well', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const fields = { api_key: apiKey, identification: JSON.stringify(mia) };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const url = `${gateway.gateway.url}/identify`;
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(200);
  expect((await fetch(`${url}?${new URLSearchParams(fields).toString()}`, { method: 'POST' })).status).toBe(200);
  expect((await gateway.stored()).map(({ value }) => value)).toMatchObject([mia, mia]);
  const broken = { 'content-type': 'multipart/form-data; boundary=x' };
  expect((await gateway.post('/identify', 'no such form', broken)).body).toMatchObject({ code: 400 });
});

test.each([
  ['/identify', '{"user_id":"mia-10001"}', 1_025],
  ['/groupidentify', '{"group_type":"org","group_value":"1"}', 1_025],
])('%s refuses more than 1,024 identifications with 413', async (path, identification, count) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const body = (some: number) =>
    `{"api_key":"${apiKey}","identification":[${Array.from({ length: some }, () => identification).join(',')}]}`;
  expect((await gateway.post(path, body(count))).status).toBe(413);
  expect((await gateway.post(path, body(count - 1))).status).toBe(200);
  expect(await gateway.stored()).toHaveLength(count - 1);
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
  ['/identify', { api_key: apiKey }, { error: 'missing_event', missing_field: 'identification' }],
  ['/identify', { api_key: apiKey, identification: '' }, { error: 'missing_event' }],
  ['/identify', { api_key: apiKey, identification: [] }, { error: 'missing_event' }],
  ['/identify', { api_key: apiKey, identification: '{' }, { error: 'missing_event' }],
  ['/identify', { api_key: apiKey, identification: [7] }, { error: 'missing_event' }],
  ['/identify', 'no JSON', { error: 'Invalid JSON request body' }],
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
