import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, events, noValidData, post, purchase } from './support.ts';

test('only POST /users/track is served', async () => {
  await using simulator = await startSimulator();
  const get = await fetch(`${simulator.url}/users/track`);
  const paths = ['/', '/users/track/bulk', '/users/trackers', '/users/%zz', '/_simulators'];
  const others = await Promise.all(paths.map((path) => post(simulator, { events: [event()] }, { path })));
  expect(get.status).toBe(404);
  expect(others.map(({ status }) => status)).toEqual(paths.map(() => 404));
  expect(simulator.counts().requests).toBe(0);
});

test('a slash at the end of the path is forbidden', async () => {
  await using simulator = await startSimulator();
  const reply = await post(simulator, { events: [event()] }, { path: '/users/track/' });
  expect(reply.status).toBe(403);
  expect(simulator.counts().accepted.events).toBe(0);
});

test('a query string does not change the path', async () => {
  await using simulator = await startSimulator();
  expect((await post(simulator, { events: [event()] }, { path: '/users/track?a=b' })).status).toBe(201);
});

test.each([
  ['no key', undefined, ''],
  ['an unknown key', 'Bearer wrong', 'wrong'],
  ['another scheme', 'Basic d3Jvbmc=', 'Basic d3Jvbmc='],
  ['a quoted key', 'Bearer "braze-simulator-key"', '"braze-simulator-key"'],
])('%s is a 401 that repeats what was sent, with empty rate headers', async (_, authorization, echo) => {
  await using simulator = await startSimulator();
  const response = await fetch(`${simulator.url}/users/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: JSON.stringify({ events: [event()] }),
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ message: `Invalid API key: ${echo}` });
  expect(response.headers.get('x-ratelimit-limit')).toBe('');
  expect(response.headers.get('x-ratelimit-remaining')).toBe('');
  expect(response.headers.get('x-ratelimit-reset')).toBe('');
});

test('a key without the permission is a 403 with a message', async () => {
  await using simulator = await startSimulator({ keys: [{ key: 'k', permissions: ['users.merge'] }] });
  const reply = await post(simulator, { events: [event()] });
  expect(reply.status).toBe(403);
  expect(reply.json()['message']).toContain('users.track');
});

test('a key that is revoked is unknown until it is restored', async () => {
  await using simulator = await startSimulator();
  simulator.revokeKey(simulator.key);
  const revoked = await post(simulator, { events: [event()] });
  simulator.restoreKey(simulator.key);
  const restored = await post(simulator, { events: [event()] });
  expect([revoked.status, restored.status]).toEqual([401, 201]);
});

test.each(['text/plain', 'application/x-ndjson', 'application/jsonp'])('the content type %s is a 415', async (type) => {
  await using simulator = await startSimulator();
  expect((await post(simulator, { events: [event()] }, { headers: { 'content-type': type } })).status).toBe(415);
});

test('a missing content type is a 415', async () => {
  await using simulator = await startSimulator();
  const response = await fetch(`${simulator.url}/users/track`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.key}` },
    body: new TextEncoder().encode(JSON.stringify({ events: [event()] })),
  });
  expect(response.status).toBe(415);
});

test('parameters and case of the content type do not matter', async () => {
  await using simulator = await startSimulator();
  const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
  expect((await post(simulator, { events: [event()] }, { headers })).status).toBe(201);
});

test('a body above 4 MB is a 413, one of 4 MB is not', async () => {
  await using simulator = await startSimulator();
  const good = JSON.stringify({ events: [event()] });
  const filled = good + ' '.repeat(4 * 1024 * 1024 - good.length);
  expect((await post(simulator, filled)).status).toBe(201);
  expect((await post(simulator, `${filled} `)).status).toBe(413);
  expect(simulator.counts().accepted.events).toBe(1);
});

test('the size and the status of a body that is too large can be set', async () => {
  await using simulator = await startSimulator({ maxBodyBytes: 100, tooLargeStatus: 400 });
  const reply = await post(simulator, { events: events(2) });
  expect(reply.status).toBe(400);
  expect(reply.json()).toHaveProperty('message');
});

test.each([
  ['bad JSON', '{"events":[],}'],
  ['nothing', ''],
  ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ['a list', '[]'],
  ['a text', '"events"'],
  ['null', 'null'],
])('%s is a 400 with a message', async (_, body) => {
  await using simulator = await startSimulator();
  const reply = await post(simulator, body);
  expect(reply.status).toBe(400);
  expect(reply.json()).toEqual({ message: expect.any(String) });
});

test.each(['attributes', 'events', 'purchases'])('%s that are not a list are a 400', async (array) => {
  await using simulator = await startSimulator();
  for (const value of [{}, 'x', 1, null]) {
    expect((await post(simulator, { events: [event()], [array]: value })).status).toBe(400);
  }
  expect(simulator.counts().accepted.events).toBe(0);
});

test('unknown keys of the body are ignored', async () => {
  await using simulator = await startSimulator();
  expect((await post(simulator, { partner: 'Sluice', events: [event()] })).status).toBe(201);
});

test.each([{}, { events: [] }, { attributes: [], events: [], purchases: [] }])(
  'the body %j without an object is a 400 without errors',
  async (body) => {
    await using simulator = await startSimulator();
    const reply = await post(simulator, body);
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ message: noValidData });
  },
);

const mixed = (each: number) => ({
  attributes: Array.from({ length: each }, () => attributes()),
  events: Array.from({ length: each }, () => event()),
  purchases: Array.from({ length: each }, () => purchase()),
});

test('75 objects of all kinds together are the most in a request', async () => {
  await using simulator = await startSimulator();
  expect((await post(simulator, mixed(25))).status).toBe(201);
  const over = await post(simulator, { ...mixed(25), events: events(26) });
  expect(over.status).toBe(400);
  expect(over.json()).toEqual({ message: 'Max input length exceeded' });
  expect(simulator.counts().accepted).toEqual({ attributes: 25, events: 25, purchases: 25 });
});

test('the legacy limit is 75 objects of each kind', async () => {
  await using simulator = await startSimulator({ objectLimit: 'perArray75' });
  expect((await post(simulator, mixed(75))).status).toBe(201);
  expect((await post(simulator, { events: events(76) })).status).toBe(400);
});

test('the limit of the contracts of 2024 is 50 objects together', async () => {
  await using simulator = await startSimulator({ objectLimit: 'combined50' });
  expect((await post(simulator, { events: events(50) })).status).toBe(201);
  expect((await post(simulator, { events: events(26), attributes: mixed(25).attributes })).status).toBe(400);
});

test('of several faults of a request the first in the order of evaluation is answered', async () => {
  await using simulator = await startSimulator({
    keys: [
      { key: 'good', permissions: ['users.track'] },
      { key: 'weak', permissions: [] },
    ],
    maxBodyBytes: 10_000,
    burst: { requests: 1, perMs: 3_600_000 },
  });
  const text = { 'content-type': 'text/plain' };
  const status = async (body: unknown, headers: Record<string, string>) =>
    (await post(simulator, body, { headers })).status;
  await post(simulator, { events: [event()] });
  const large = 'x'.repeat(10_001);
  expect(await status(large, { ...text, authorization: 'Bearer bad' })).toBe(401);
  expect(await status(large, { ...text, authorization: 'Bearer weak' })).toBe(403);
  expect(await status(large, text)).toBe(415);
  expect(await status(large, {})).toBe(413);
  expect(await status('no JSON', {})).toBe(429);
  simulator.set({ burst: null });
  expect(await status('no JSON', {})).toBe(400);
  const many = await post(simulator, { events: Array.from({ length: 76 }, () => ({})) });
  expect(many.json()).toEqual({ message: 'Max input length exceeded' });
});
