import { expect, inject, test } from 'vitest';
import { createGenerator } from '../../src/generator/index.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

/** Payloads of generated events, and how many events they hold. */
function generated(
  count: number,
  options: Parameters<typeof createGenerator>[0] = {},
): { payloads: string[]; events: number } {
  const generator = createGenerator({ shape: 'mixed', numbered: true, ...options });
  const messages = Array.from({ length: count }, () => generator.message());
  return {
    payloads: messages.map(({ payload }) => payload),
    events: messages.reduce((sum, { events }) => sum + events.length, 0),
  };
}

test('every event is accounted for: received = delivered + filtered + discarded', async () => {
  await using running = await RunningEngine.start({ natsUrl });
  const { payloads, events } = generated(3_000);
  await running.publish(...payloads);
  await running.settled(events);

  const { counts, delivered, discarded, inFlight } = running.counts;
  expect(counts.received).toBe(events);
  expect(delivered + counts.filtered + discarded).toBe(events);
  expect(inFlight).toBe(0);
  expect(running.simulator.counts().accepted.events).toBe(delivered);
  expect(Object.keys(counts.discarded)).toEqual(['unresolved_identifier']);
  expect(await running.deadLetters()).toHaveLength(discarded);
});

test('messages of many events are accounted for event by event', async () => {
  await using running = await RunningEngine.start({ natsUrl });
  const { payloads, events } = generated(100, { eventsPerMessage: 50 });
  await running.publish(...payloads);
  await running.settled(events);

  const { counts, delivered, discarded } = running.counts;
  expect(counts.received).toBe(5_000);
  expect(delivered + counts.filtered + discarded).toBe(5_000);
  expect(running.simulator.counts().accepted.events).toBe(delivered);
});

test('requests are full under load, and no two of them hold one user', async () => {
  const rule = { batch: { maxWaitMs: 1_000 } };
  await using running = await RunningEngine.start({ natsUrl, rule, paused: true, simulator: { latencyMs: [5, 40] } });
  const { payloads, events } = generated(10_000, { users: 2_000 });
  await running.publish(...payloads);
  await running.engine.start();
  await running.settled(events);

  const { requests, objects } = running.counts.counts;
  expect(objects / requests).toBeGreaterThan(70);
  expect(running.simulator.violations()).toEqual([]);
});

test('the events of a user arrive in order, however long each request takes', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    paused: true,
    simulator: { latencyMs: [1, 80], applicationOrder: 'overlapping', keeping: { events: 20_000 } },
  });
  const { payloads, events } = generated(6_000, { users: 300, shape: 'http', anonymousShare: 0 });
  await running.publish(...payloads);
  await running.engine.start();
  await running.settled(events);
  await running.simulator.settled();

  const users = new Set(running.simulator.acceptedEvents().map(({ user }) => user));
  expect(users.size).toBeGreaterThan(100);
  for (const user of users) {
    const sequence = running.simulator
      .eventsOf(user.replace('external_id:', ''))
      .map(({ properties }) => Number(properties?.['seq']));
    expect(sequence).toEqual(sequence.toSorted((a, b) => a - b));
  }
  expect(running.simulator.violations()).toEqual([]);
});

test('a user with a third of all events does not slow the others', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    paused: true,
    simulator: { latencyMs: 40, keeping: { events: 20_000 } },
  });
  const payloads = Array.from({ length: 4_000 }, (_, index) => ({
    event_type: 'Viewed',
    user_id: index % 3 === 0 ? 'hot' : `user-${index}`,
    event_properties: { seq: index },
  }));
  await running.publish(...payloads);
  await running.engine.start();
  await running.settled(payloads.length);

  const requests = running.simulator.acceptedEvents();
  const last = (isHot: boolean): number =>
    Math.max(...requests.filter(({ user }) => user.endsWith(':hot') === isHot).map(({ request }) => request));
  // 2,667 events of others fit into 36 requests; the hot user's 1,333 need 18, one after the other.
  expect(last(false)).toBeLessThan(last(true));
  expect(last(false)).toBeLessThan(45);
});
