import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, post } from '../simulator/support.ts';
import { currentsToken, RunningGateway } from './running-gateway.ts';

const natsUrl = inject('natsUrl');

const opened = {
  event_type: 'users.messages.email.Open',
  id: '5f0c1f0e-0001',
  time: 1_760_000_000,
  user: { user_id: '65f0c0ffee65f0c0ffee65f0', external_user_id: 'mia-10001', timezone: 'Europe/Paris' },
  properties: { campaign_name: 'Welcome', machine_open: null },
};

test('events of Braze are stored as they were sent, known types and unknown ones', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const events = [
    opened,
    { ...opened, id: '2', event_type: 'users.messages.hologram.Wave', a_new_field: [{ x: 1 }] },
    { ...opened, id: '3', event_type: undefined },
    { id: '4', event_type: '.. *.>' },
    { id: '5', event_type: 7 },
    {},
  ];
  const { status, body } = await gateway.postCurrents({ events, more: { events: [{}] } });
  expect(status).toBe(200);
  expect(body).toMatchObject({ events_ingested: 6 });
  const stored = await gateway.stored(gateway.currents);
  expect(stored.map(({ value }) => value)).toEqual(JSON.parse(JSON.stringify(events)));
  expect(stored.map(({ subject }) => subject)).toEqual([
    'users.messages.email.Open',
    'users.messages.hologram.Wave',
    '%',
    '%.%.%20%2A.%3E',
    '%',
    '%',
  ]);
});

test('an event that comes again by its id is stored once', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const another = { ...opened, id: 'another' };
  for (const events of [[opened], [opened, another], [another, another]]) {
    expect((await gateway.postCurrents({ events })).status).toBe(200);
  }
  expect(await gateway.stored(gateway.currents)).toHaveLength(2);
});

test.each(['', '  ', '{"events":[]}', '{}'])('the body %j brings nothing, and tries the token', async (text) => {
  await using gateway = await RunningGateway.start(natsUrl);
  expect((await gateway.postCurrents(text)).status).toBe(200);
  expect((await gateway.postCurrents(text, 'wrong')).status).toBe(401);
  expect((await gateway.post('/currents', text)).status).toBe(401);
  expect(await gateway.stored(gateway.currents)).toEqual([]);
});

test.each(['{', '7', '[]', '{"events":{}}', '{"events":[7]}'])(
  'the body %j is refused, for Braze to split',
  async (text) => {
    await using gateway = await RunningGateway.start(natsUrl);
    expect((await gateway.postCurrents(text)).status).toBe(400);
  },
);

test('more events than any batch of Braze has are refused, for Braze to split', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { status } = await gateway.postCurrents(`{"events":[${'{},'.repeat(500_000)}{}]}`);
  expect(status).toBe(413);
});

test('without the stream, Braze is told to come again', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  await (await jetstreamManager(gateway.connection)).streams.delete(gateway.currents);
  expect((await gateway.postCurrents({ events: [opened] })).status).toBe(503);
  expect((await gateway.postCurrents({ events: [opened, { ...opened, id: '2' }] })).status).toBe(503);
});

test('what Braze tells while NATS is away arrives when it is back, each event once', async () => {
  await using nats = await startNatsServer();
  await using gateway = await RunningGateway.start(nats.url);
  await using simulator = await startSimulator({
    currents: {
      url: `${gateway.gateway.url}/currents`,
      token: currentsToken,
      messagePercent: 50,
      repeatPercent: 50,
      unknownEvery: 10,
      maxBatch: 20,
      backoff: { firstMs: 20, maxMs: 200 },
    },
  });
  const { currents } = simulator;
  const send = async () =>
    await post(simulator, {
      events: Array.from({ length: 50 }, (_, index) => event({ external_id: `user-${index}` })),
    });
  await send();
  await currents?.flush();
  await nats.kill();
  await send();
  await vi.waitFor(() => expect(currents?.counts().byStatus[503]).toBeGreaterThan(0), { timeout: 10_000 });
  await nats.restart();
  await currents?.flush();
  const counts = currents?.counts();
  expect(counts).toMatchObject({ sent: counts?.made, refused: 0, lost: 0, dropped: 0 });
  expect(counts?.repeated).toBeGreaterThan(0);
  const ids = (await gateway.stored(gateway.currents)).map(({ value }) => (value as { id: string }).id);
  expect(new Set(ids).size).toBe(counts?.made);
  expect(ids).toHaveLength(counts?.made ?? 0);
}, 30_000);

test('without a token in the settings there is no such path', async () => {
  await using gateway = await RunningGateway.start(natsUrl, { currents: undefined });
  expect((await gateway.postCurrents({ events: [opened] })).status).toBe(404);
});
