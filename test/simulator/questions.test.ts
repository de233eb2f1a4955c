import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, events, post, purchase } from './support.ts';

async function ask(
  simulator: Simulator,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulator.url}/_simulator${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

function send(simulator: Simulator, path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return ask(simulator, path, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('counts, requests and violations are told as JSON', async () => {
  await using simulator = await startSimulator();
  await post(simulator, { events: [event()] });
  expect(await ask(simulator, '/counts')).toEqual({ status: 200, body: simulator.counts() });
  expect(await ask(simulator, '/violations')).toEqual({ status: 200, body: [] });
  expect((await ask(simulator, '/requests')).body).toMatchObject([{ index: 0, status: 201, outcome: 'answered' }]);
});

test('a user can be asked for by each identifier', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const alias = { user_alias: { alias_name: '42', alias_label: 'amplitude_id' } };
  await post(simulator, {
    attributes: [
      attributes({ external_id: 'a/b', email: 'a@example.org' }),
      { ...alias, _update_existing_only: false, plan: 'paid' },
    ],
    events: [event({ external_id: 'a/b', name: 'one' }), event({ external_id: undefined, ...alias, name: 'two' })],
    purchases: [purchase({ external_id: 'a/b' })],
  });
  expect((await ask(simulator, '/profiles/a%2Fb')).body).toMatchObject({
    externalId: 'a/b',
    attributes: { plan: 'free' },
  });
  expect((await ask(simulator, '/profiles?email=a@example.org')).body).toMatchObject([{ externalId: 'a/b' }]);
  expect((await ask(simulator, '/profiles?user=nobody')).body).toEqual([]);
  expect((await ask(simulator, '/profiles')).body).toHaveLength(2);
  expect((await ask(simulator, '/events?user=a%2Fb')).body).toMatchObject([{ name: 'one' }]);
  expect((await ask(simulator, '/events?alias_label=amplitude_id&alias_name=42')).body).toMatchObject([
    { name: 'two' },
  ]);
  expect((await ask(simulator, '/events')).body).toHaveLength(2);
  expect((await ask(simulator, '/purchases?user=a%2Fb')).body).toMatchObject([{ productId: 'record' }]);
});

test('a user without a profile is a 404', async () => {
  await using simulator = await startSimulator();
  const { status, body } = await ask(simulator, '/profiles/nobody');
  expect(status).toBe(404);
  expect(body).toEqual({ message: "No profile has the external_id 'nobody'." });
});

test('lists show the newest', async () => {
  await using simulator = await startSimulator({ objectLimit: 'perArray75' });
  for (let sent = 0; sent < 2; sent++) await post(simulator, { events: events(75) });
  expect((await ask(simulator, '/events')).body).toHaveLength(100);
  expect((await ask(simulator, '/events?limit=2')).body).toMatchObject([{ index: 73 }, { index: 74 }]);
  expect((await ask(simulator, '/events?limit=none')).status).toBe(400);
});

test('faults are ordered, by number or by rate, and ended', async () => {
  await using simulator = await startSimulator();
  const status = async () => (await post(simulator, { events: [event()] })).status;
  const fault = { kind: 'status', status: 503 };
  expect((await send(simulator, '/faults', { fault, times: 2 })).status).toBe(204);
  expect([await status(), await status(), await status()]).toEqual([503, 503, 201]);
  expect((await send(simulator, '/faults', { fault, rate: 1, seed: 3 })).status).toBe(204);
  expect(await status()).toBe(503);
  expect((await ask(simulator, '/faults', { method: 'DELETE' })).status).toBe(204);
  expect(await status()).toBe(201);
});

test.each([
  {},
  { fault: { kind: 'fire' } },
  { fault: { kind: 'status', status: 418 } },
  { fault: { kind: 'reset' }, rate: 2 },
  { fault: { kind: 'reset' }, times: 0 },
])('the order of faults %j is refused with what is wrong', async (order) => {
  await using simulator = await startSimulator();
  const { status, body } = await send(simulator, '/faults', order);
  expect(status).toBe(400);
  expect(body).toEqual({ message: expect.any(String) });
  expect((await post(simulator, { events: [event()] })).status).toBe(201);
});

test('stalled requests are released', async () => {
  await using simulator = await startSimulator();
  await send(simulator, '/faults', { fault: { kind: 'stall' } });
  const stalled = post(simulator, { events: [event()] });
  await simulator.waitFor(() => simulator.counts().requests === 1);
  expect((await ask(simulator, '/release', { method: 'POST' })).status).toBe(204);
  expect((await stalled).status).toBe(201);
});

test('a key is revoked and restored', async () => {
  await using simulator = await startSimulator();
  const status = async () => (await post(simulator, { events: [event()] })).status;
  await ask(simulator, `/keys/${simulator.key}`, { method: 'DELETE' });
  expect(await status()).toBe(401);
  await ask(simulator, `/keys/${simulator.key}`, { method: 'PUT' });
  expect(await status()).toBe(201);
});

test('everything is forgotten when it is deleted', async () => {
  await using simulator = await startSimulator();
  await post(simulator, { events: [event()] });
  expect((await ask(simulator, '', { method: 'DELETE' })).status).toBe(204);
  expect((await ask(simulator, '/counts')).body).toMatchObject({ requests: 0, accepted: { events: 0 } });
});

test('questions leave no trace', async () => {
  await using simulator = await startSimulator({ burst: { requests: 1, perMs: 3_600_000 } });
  for (const path of ['/counts', '/requests', '/nothing', '']) await ask(simulator, path);
  expect(simulator.counts().requests).toBe(0);
  expect((await post(simulator, { events: [event()] })).status).toBe(201);
});
