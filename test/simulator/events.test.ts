import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, post, problemOf } from './support.ts';

test.each([undefined, null, '', '  ', 7])('an event with the name %j is rejected', async (name) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ name })] })).toMatch(/name/);
});

test.each([undefined, null, '', 'yesterday', '01/02/2026', '2026-02-30T00:00:00Z', '1767225600', 1_767_225_600, 1.5])(
  'an event with the time %j is rejected',
  async (time) => {
    await using simulator = await startSimulator();
    expect(await problemOf(simulator, { events: [event({ time })] })).toMatch(/time/);
  },
);

test.each([
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.123+01:00',
  '2026-01-01T00:00:00:123Z',
  '2026-01-01T00:00:00:123+0100',
  '2019-02-15 00:00:00 -0500',
  '2026-01-01',
])('an event with the time %j is accepted and keeps it', async (time) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ time })] })).toBe('accepted');
  expect(simulator.acceptedEvents().map((kept) => kept.time)).toEqual([time]);
});

test('a time in the future becomes now', async () => {
  await using simulator = await startSimulator();
  const before = Date.now();
  await post(simulator, { events: [event({ time: '2999-01-01T00:00:00Z' })] });
  const [kept] = simulator.acceptedEvents();
  const time = Date.parse(kept?.time ?? '');
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test.each([[null], ['text'], [7], [[]]])('properties that are %j are rejected', async (properties) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ properties })] })).toBe("Invalid 'properties' field");
});

test.each(['time', 'event_name', '', '$price', 'k'.repeat(256)])('a property named %j is rejected', async (key) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ properties: { [key]: 1 } })] })).toBe(
    "Invalid 'properties' field",
  );
});

test('the keys that are reserved in purchases are free in events', async () => {
  await using simulator = await startSimulator();
  const properties = { price: 1, currency: 'EUR', quantity: 2, product_id: 'p' };
  expect(await problemOf(simulator, { events: [event({ properties })] })).toBe('accepted');
});

test('properties may have 102,400 bytes', async () => {
  await using simulator = await startSimulator();
  // {"list":[1,…,1]} has 10 bytes and two for each number.
  const properties = { list: Array.from({ length: 51_195 }, () => 1) };
  expect(await problemOf(simulator, { events: [event({ properties })] })).toBe('accepted');
  properties.list.push(1);
  expect(await problemOf(simulator, { events: [event({ properties })] })).toMatch(/too large/);
});

test('of more than 256 properties the first 256 are kept', async () => {
  await using simulator = await startSimulator();
  const properties = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`p${index}`, index]));
  expect(await problemOf(simulator, { events: [event({ properties })] })).toBe('accepted');
  const [kept] = simulator.acceptedEvents();
  expect(Object.keys(kept?.properties ?? {})).toEqual(Object.keys(properties).slice(0, 256));
});

test('properties nested beyond what can be written are too large', async () => {
  await using simulator = await startSimulator();
  const depth = 200_000;
  const body = `{"events":[{"external_id":"u1","name":"n","time":"2026-01-01","properties":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}]}`;
  expect((await post(simulator, body)).text).toContain('too large');
});

test('an app id is not looked at unless the apps are named', async () => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { events: [event({ app_id: 'your-app-id' })] })).toBe('accepted');
  simulator.set({ apps: ['app-1'] });
  expect(await problemOf(simulator, { events: [event({ app_id: 'your-app-id' })] })).toMatch(/app_id/);
  expect(await problemOf(simulator, { events: [event({ app_id: 'app-1' })] })).toBe('accepted');
  expect(await problemOf(simulator, { events: [event()] })).toBe('accepted');
});

test('what is kept of an event is what was sent', async () => {
  await using simulator = await startSimulator();
  await post(simulator, { events: [{}, event({ app_id: 'a', properties: { plays: 3, tags: ['x', { y: null }] } })] });
  expect(simulator.acceptedEvents()).toEqual([
    {
      id: expect.any(String),
      user: 'external_id:u1',
      name: 'Song Played',
      time: '2026-01-01T00:00:00.000Z',
      appId: 'a',
      properties: { plays: 3, tags: ['x', { y: null }] },
      request: 0,
      index: 1,
      acceptedAt: expect.any(Number),
    },
  ]);
});
