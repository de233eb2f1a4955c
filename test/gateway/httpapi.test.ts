import { gzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { apiKey, eventOf, RunningGateway } from './running-gateway.ts';

const natsUrl = inject('natsUrl');

test.each(['/2/httpapi', '/batch'])(
  'what is posted to %s is stored as it was sent, and then answered with 200',
  async (path) => {
    await using gateway = await RunningGateway.start(natsUrl);
    const events = [
      eventOf({ user_id: 'mia-10001', event_properties: { price: 1.5, tags: ['a', { b: null }] } }),
      eventOf({ user_id: 'mia-10001', event_type: '[Amplitude] Page Viewed' }),
      eventOf({ user_id: null, device_id: 'device-ü', event_type: 'a.b*c>' }),
    ];
    const text = JSON.stringify({ events, api_key: apiKey, options: {} }, null, 2);
    const before = Date.now();
    const { status, body } = await gateway.post(path, text);

    expect(status).toBe(200);
    expect(body).toEqual({
      code: 200,
      events_ingested: 3,
      payload_size_bytes: Buffer.byteLength(text),
      server_upload_time: expect.any(Number) as number,
    });
    expect(body['server_upload_time']).toBeGreaterThanOrEqual(before);
    const stored = await gateway.stored();
    expect(stored.map(({ value }) => value)).toEqual(events);
    expect(stored.map(({ subject }) => subject.replace(/^\d\./, ''))).toEqual([
      'Purchase',
      '%5BAmplitude%5D%20Page%20Viewed',
      'a%2Eb%2Ac%3E',
    ]);
  },
);

test('all events of a user are in one partition', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const users = Array.from({ length: 50 }, (_, user) => `user-${user}`);
  await gateway.send(...users.map((user) => eventOf({ user_id: user })));
  await gateway.send(...users.map((user) => eventOf({ user_id: user, device_id: 'another' })));
  const partitions = new Map<unknown, Set<string>>();
  for (const { subject, value } of await gateway.stored()) {
    const user = (value as { user_id: string }).user_id;
    partitions.set(user, (partitions.get(user) ?? new Set()).add(subject));
  }
  for (const subjects of partitions.values()) expect(subjects.size).toBe(1);
  expect(new Set([...partitions.values()].flatMap((subjects) => [...subjects])).size).toBe(4);
});

test('an event that comes again is stored once, whatever comes with it', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const [one, two, three, four] = [eventOf(), eventOf(), eventOf(), eventOf()];
  for (const events of [[one], [one], [one, two], [two, three], [three, three, four], [four]]) {
    expect((await gateway.send(...events)).body).toMatchObject({ code: 200, events_ingested: events.length });
  }
  expect((await gateway.stored()).map(({ value }) => value)).toEqual([one, two, three, four]);
});

test('the same insert_id on another device is another event, and none is no reason to drop one', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const event = eventOf();
  const { insert_id: _, ...anonymous } = event;
  const odd = eventOf({ insert_id: 'with\r\nline: ends', device_id: 'and blanks' });
  await gateway.send(event, { ...event, device_id: 'device-2' }, anonymous, anonymous, odd, odd);
  expect(await gateway.stored()).toHaveLength(5);
});

test('without a device, the same insert_id of another user is another event', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const one = eventOf({ device_id: undefined, user_id: 'user-1', insert_id: '1' });
  const two = { ...one, user_id: 'user-2' };
  // A device that is called as a user is.
  const three = eventOf({ user_id: null, device_id: 'user-1', insert_id: '1' });
  await gateway.send(one, two, three);
  await gateway.send(two);
  expect((await gateway.stored()).map(({ value }) => value)).toEqual(
    [one, two, three].map((event) => JSON.parse(JSON.stringify(event)) as unknown),
  );
});

test('an event without a time gets that of its arrival, and $remote becomes the address of the sender', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { time: _, ...timeless } = eventOf({ ip: '$remote' });
  const before = Date.now();
  await gateway.send(timeless);
  const [message] = await gateway.stored();
  const time: unknown = expect.toSatisfy((value: number) => value >= before && value <= Date.now());
  expect(message?.value).toEqual({ ...timeless, ip: '127.0.0.1', time });
});

test('an id that is too short is taken away; the other one remains', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  await gateway.send(eventOf({ user_id: 'mia' }), eventOf({ device_id: '' }));
  const [user, device] = (await gateway.stored()).map(({ value }) => value);
  expect(user).not.toHaveProperty('user_id');
  expect(user).toHaveProperty('device_id');
  expect(device).not.toHaveProperty('device_id');
  expect(device).toHaveProperty('user_id');
});

test.each([
  ['user_id', 'unknown'],
  ['user_id', 'Anonymous'],
  ['device_id', 'undefined'],
  ['device_id', '00000000-0000-0000-0000-000000000000'],
])('the %s %j is nobody, and refused whatever the other id is', async (field, id) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { status, body } = await gateway.send(eventOf(), eventOf({ [field]: id }));
  expect(status).toBe(400);
  expect(body).toMatchObject({
    error: 'Invalid field values on some events',
    events_with_invalid_fields: { [field]: [1] },
  });
  expect(await gateway.stored()).toEqual([]);
});

test('options.min_id_length lets shorter ids in', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const request = { api_key: apiKey, events: [eventOf({ user_id: 'mia', device_id: null })] };
  expect((await gateway.post('/2/httpapi', request)).body).toMatchObject({
    code: 400,
    error: 'Invalid id length for user_id or device_id',
    events_with_invalid_id_lengths: { user_id: [0] },
  });
  expect((await gateway.post('/2/httpapi', { ...request, options: { min_id_length: 1 } })).status).toBe(200);
});

test('events that are wrong are named by field and index, and nothing of the request is stored', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  let deep: unknown = 1;
  for (let level = 0; level < 41; level++) deep = { deep };
  const { status, body } = await gateway.send(
    eventOf(),
    eventOf({ event_type: ' ' }),
    eventOf({ time: '2026-01-01' }),
    eventOf({ user_id: null, device_id: undefined }),
    eventOf({ user_properties: [], time: 1.5 }),
    eventOf({ event_properties: deep }),
    eventOf({ user_id: 'none', device_id: 'x' }),
    eventOf({ event_type: '[Amplitude] Start Session' }),
    eventOf({ user_id: 'x'.repeat(1_025), device_id: 'x'.repeat(1_024) }),
  );
  expect(status).toBe(400);
  expect(body).toEqual({
    code: 400,
    error: 'Request missing required field',
    events_with_missing_fields: { event_type: [1], user_id: [3], device_id: [3] },
    events_with_invalid_fields: {
      time: [2, 4],
      user_properties: [4],
      event_properties: [5],
      event_type: [7],
      user_id: [8],
    },
    events_with_invalid_id_lengths: { user_id: [6], device_id: [6] },
  });
  expect(await gateway.stored()).toEqual([]);
});

test.each([
  ['', { error: 'Missing request body' }],
  ['{', { error: 'Invalid JSON request body' }],
  ['[]', { error: 'Invalid JSON request body' }],
  ['{"events":[]}', { error: 'Request missing required field', missing_field: 'api_key' }],
  [`{"api_key":"${apiKey}"}`, { error: 'Request missing required field', missing_field: 'events' }],
  [`{"api_key":"${apiKey}","events":{}}`, { error: 'Invalid event JSON' }],
  [`{"api_key":"${apiKey}","events":[7]}`, { error: 'Invalid event JSON', events_with_invalid_fields: { event: [0] } }],
  ['{"api_key":"another","events":[{}]}', { error: 'Invalid API key' }],
])('the body %j is answered with 400 and why', async (text, expected) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { status, body } = await gateway.post('/2/httpapi', text);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: 400, ...expected });
});

test('a body that is not UTF-8 is refused', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const body = Buffer.from(JSON.stringify({ api_key: apiKey, events: [eventOf({ user_id: 'größer' })] }), 'latin1');
  expect((await gateway.post('/2/httpapi', body)).body).toMatchObject({
    code: 400,
    error: 'Invalid JSON request body',
  });
});

test('more than 2000 events, and more than 1 MB, are answered with 413; /batch takes 20 MB', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const many = Array.from({ length: 2_001 }, () => ({ user_id: 'mia-10001', event_type: 'x' }));
  expect((await gateway.send(...many)).body).toEqual({ code: 413, error: 'Payload too large' });
  expect((await gateway.send(...many.slice(1))).body).toMatchObject({ code: 200, events_ingested: 2_000 });
  const large = Array.from({ length: 3 }, () => eventOf({ event_properties: { text: 'x'.repeat(400_000) } }));
  const request = { api_key: apiKey, events: large };
  expect((await gateway.post('/2/httpapi', request)).body).toEqual({ code: 413, error: 'Payload too large' });
  expect((await gateway.post('/batch', request)).status).toBe(200);
});

test('an event that no message of NATS can hold is answered with 413', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const text = 'x'.repeat(gateway.connection.info?.max_payload ?? 0);
  const events = [eventOf(), eventOf({ event_properties: { text } })];
  expect((await gateway.post('/batch', { api_key: apiKey, events })).status).toBe(413);
  expect(await gateway.stored()).toEqual([]);
});

test.each(['gzip', 'GZIP', 'identity'])('a body with Content-Encoding %s is read', async (encoding) => {
  await using gateway = await RunningGateway.start(natsUrl);
  const text = JSON.stringify({ api_key: apiKey, events: [eventOf()] });
  const body = encoding !== 'identity' ? gzipSync(text) : text;
  const answer = await gateway.post('/2/httpapi', body, { 'content-encoding': encoding });
  expect(answer.body).toMatchObject({ code: 200, payload_size_bytes: text.length });
  expect(await gateway.stored()).toHaveLength(1);
});

test('what claims to be gzip and is not is refused, and so is what nobody can unpack', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  expect((await gateway.post('/2/httpapi', 'x', { 'content-encoding': 'gzip' })).status).toBe(400);
  for (const encoding of ['zoo', 'constructor', '__proto__']) {
    expect((await gateway.post('/2/httpapi', 'x', { 'content-encoding': encoding })).status).toBe(415);
  }
});

test('a beacon of a browser, which says that it is plain text, is read', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const text = JSON.stringify({ api_key: apiKey, events: [eventOf()] });
  expect((await gateway.post('/2/httpapi', text, { 'content-type': 'text/plain;charset=UTF-8' })).status).toBe(200);
});

test('browsers may ask from any page, and may read what is refused', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const preflight = await fetch(`${gateway.gateway.url}/2/httpapi`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://shop.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,content-encoding',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,content-encoding');
  const refused = await gateway.post('/2/httpapi', '', { origin: 'https://shop.example' });
  expect(refused.headers.get('access-control-allow-origin')).toBe('*');
});

test('another path is answered as one', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  expect((await gateway.post('/3/httpapi', {})).body).toEqual({ code: 404, error: 'Invalid request path' });
});

test('each key has its stream', async () => {
  await using one = await RunningGateway.start(natsUrl);
  await using two = await RunningGateway.start(natsUrl, {
    keys: new Map([
      ['first', one.stream],
      ['second', `${one.stream}_2`],
      ['third', one.stream],
    ]),
    currents: undefined,
  });
  for (const key of ['first', 'second', 'third']) {
    await two.post('/2/httpapi', { api_key: key, events: [eventOf({ event_type: key })] });
  }
  expect((await one.stored()).map(({ value }) => (value as { event_type: string }).event_type)).toEqual([
    'first',
    'third',
  ]);
  expect(await two.stored(`${one.stream}_2`)).toHaveLength(1);
});

test('packed, the events of a request that share a partition are one message, known again as a whole', async () => {
  await using gateway = await RunningGateway.start(natsUrl, { layout: 'packed', partitions: 1 });
  const alike = [eventOf({ user_id: 'user-1' }), eventOf({ user_id: 'user-2' })];
  const mixed = [eventOf({ time: undefined }), eventOf({ event_type: 'Other' })];
  for (const events of [alike, alike, mixed]) expect((await gateway.send(...events)).status).toBe(200);
  const stored = await gateway.stored();
  expect(stored.map(({ subject }) => subject)).toEqual(['0.Purchase', '0.%']);
  expect(stored[0]?.value).toEqual(alike);
  expect(stored[1]?.value).toMatchObject([{ insert_id: mixed[0]?.['insert_id'] }, mixed[1] ?? {}]);
});
