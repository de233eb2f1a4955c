import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, events, messageOf, post } from './support.ts';

test('requests are kept with their objects and what came of them', async () => {
  await using simulator = await startSimulator();
  const body = { attributes: [attributes()], events: [event(), {}] };
  await post(simulator, body);
  expect(simulator.requests()).toEqual([
    {
      index: 0,
      receivedAt: expect.any(Number),
      bytes: JSON.stringify(body).length,
      objects: { attributes: 1, events: 2, purchases: 0 },
      status: 201,
      outcome: 'answered',
      fault: undefined,
      accepted: { attributes: 1, events: 1, purchases: 0 },
      rejected: { attributes: 0, events: 1, purchases: 0 },
    },
  ]);
});

test('bodies are kept on request', async () => {
  await using simulator = await startSimulator({ keepBodies: true });
  await post(simulator, { events: [event()] });
  await post(simulator, 'no JSON');
  expect(simulator.requests().map(({ body }) => body)).toEqual([{ events: [event()] }, undefined]);
});

test('only the newest requests, events and profiles are kept, and the counts go on', async () => {
  await using simulator = await startSimulator({ keeping: { requests: 3, events: 4, profiles: 2 }, applyDelayMs: 0 });
  for (let sent = 0; sent < 10; sent++) {
    await post(simulator, { events: [event({ name: `e${sent}` })] });
    await post(simulator, { attributes: [attributes({ external_id: `other${sent}`, email: 'a@example.org' })] });
  }
  expect(simulator.requests().map(({ index }) => index)).toEqual([17, 18, 19]);
  expect(simulator.acceptedEvents().map(({ name }) => name)).toEqual(['e6', 'e7', 'e8', 'e9']);
  expect(simulator.eventsOf('u1').map(({ name }) => name)).toEqual(['e6', 'e7', 'e8', 'e9']);
  expect(simulator.profiles().map(({ externalId }) => externalId)).toEqual(['u1', 'other9']);
  expect(simulator.profile('other8')).toBeUndefined();
  expect(simulator.profile({ kind: 'email', value: 'a@example.org' })?.externalId).toBe('other9');
  expect(simulator.counts()).toMatchObject({ requests: 20, accepted: { events: 10, attributes: 10 }, applied: 20 });
});

test('with counts alone nothing else is kept', async () => {
  await using simulator = await startSimulator({ keep: 'counts' });
  const reply = await post(simulator, { attributes: [attributes()], events: [...events(3), {}] });
  expect(reply.status).toBe(201);
  await simulator.settled();
  expect(simulator.counts()).toMatchObject({
    requests: 1,
    byStatus: { 201: 1 },
    accepted: { attributes: 1, events: 3 },
    rejected: { events: 1 },
    dataPoints: 4,
  });
  expect([simulator.requests(), simulator.acceptedEvents(), simulator.profiles()]).toEqual([[], [], []]);
});

test('what was told does not change afterwards', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { events: [event()], attributes: [attributes()] });
  const before = [simulator.counts(), simulator.profile('u1'), simulator.eventsOf('u1'), simulator.requests()];
  const copy = structuredClone(before);
  await post(simulator, { events: [event()], attributes: [attributes({ plan: 'paid' })] });
  expect(before).toEqual(copy);
});

test('a reset forgets everything but keys and settings', async () => {
  await using simulator = await startSimulator({ burst: { requests: 1, perMs: 3_600_000 }, applyDelayMs: 0 });
  await post(simulator, { events: [event()], attributes: [attributes()] });
  await post(simulator, { events: [event()] });
  simulator.failNext({ kind: 'reset' });
  simulator.reset();
  expect(simulator.counts()).toMatchObject({ requests: 0, byStatus: {}, accepted: { events: 0 }, applied: 0 });
  expect([simulator.requests(), simulator.acceptedEvents(), simulator.profiles()]).toEqual([[], [], []]);
  const replies = [await post(simulator, { events: [event()] }), await post(simulator, { events: [event()] })];
  expect(replies.map(({ status }) => status)).toEqual([201, 429]);
});

test('waiting for what never comes fails with the counts', async () => {
  await using simulator = await startSimulator();
  await post(simulator, { events: [event()] });
  const waiting = simulator.waitFor(() => simulator.counts().requests === 2, { timeoutMs: 20 });
  await expect(waiting).rejects.toThrow(/within 20 ms.*"requests":1/);
});

test('a condition that throws ends the wait', async () => {
  await using simulator = await startSimulator();
  const waiting = simulator.waitFor(() => {
    if (simulator.counts().requests > 0) throw new RangeError('too many');
    return false;
  });
  await Promise.all([expect(waiting).rejects.toThrow('too many'), post(simulator, { events: [event()] })]);
});

test('a port that is taken is an error', async () => {
  await using simulator = await startSimulator();
  const port = Number(new URL(simulator.url).port);
  await expect(startSimulator({ port })).rejects.toThrow('EADDRINUSE');
});

test('closing ends requests that would wait for ever', async () => {
  const simulator = await startSimulator();
  simulator.failNext({ kind: 'stall' });
  const outcome = post(simulator, { events: [event()] }).catch(messageOf);
  await simulator.waitFor(() => simulator.counts().requests === 1);
  await simulator.close();
  expect(await outcome).toBe('fetch failed');
});
