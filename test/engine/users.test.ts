import { expect, inject, test } from 'vitest';
import { createGenerator, type GeneratedEvent } from '../../src/generator/index.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');
const selected = ['plan', 'lifetime_value', 'loyalty_points', 'newsletter'];

/** What a model says: how many attributes are to be sent, and what each user has in the end. */
function truthOf(events: readonly GeneratedEvent[]) {
  const users = new Map<string, Record<string, unknown>>();
  let attributes = 0;
  for (const { event, properties } of events) {
    const user = event['user_id'];
    if (typeof user !== 'string' || event['event_type'] === '$groupidentify') continue;
    const before = users.get(user) ?? {};
    const after = Object.fromEntries(selected.map((name) => [name, properties[name]]));
    for (const name of selected) if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) attributes++;
    users.set(user, after);
  }
  return { users, attributes };
}

function generated(count: number, options: Parameters<typeof createGenerator>[0] = {}) {
  const generator = createGenerator({ anonymousShare: 0, users: 300, ...options });
  const messages = Array.from({ length: count }, () => generator.message());
  return { payloads: messages.map(({ payload }) => payload), events: messages.flatMap(({ events }) => events) };
}

const rule = { events: { send: false }, users: { properties: selected } };

test.concurrent.for([
  ['http', 1],
  ['export', 1],
  ['http', 75],
  ['export', 75],
] as const)(
  'exactly what changes is sent: events of the shape %s, up to %i objects a request',
  async ([shape, maxObjects]) => {
    const batched = { ...rule, batch: { maxObjects, maxWaitMs: 50 } };
    await using running = await RunningEngine.start({ natsUrl, rule: batched, simulator: { latencyMs: [1, 5] } });
    const { payloads, events } = generated(4_000, { shape });
    const truth = truthOf(events);
    await running.publish(...payloads);
    await running.settled(events.length);
    await running.simulator.settled();

    expect(running.counts.counts.attributes).toBe(truth.attributes);
    // In a request that holds several updates of a user, only the last value of an attribute is sent.
    const { dataPoints } = running.simulator.counts();
    expect(running.counts.counts.attributesAccepted).toBe(dataPoints);
    expect(dataPoints).toBeLessThanOrEqual(truth.attributes);
    expect(dataPoints).toBeGreaterThanOrEqual(maxObjects === 1 ? truth.attributes : truth.users.size);
    for (const [user, properties] of truth.users) {
      const named = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
      expect(running.simulator.profile(user)?.attributes).toMatchObject(named);
    }
    expect(running.simulator.violations()).toEqual([]);
    const { counts, delivered, discarded } = running.counts;
    expect(delivered + counts.filtered + discarded).toBe(events.length);
  },
);

test.concurrent('what a user has is remembered by the next engine: nothing is sent again', async () => {
  await using running = await RunningEngine.start({ natsUrl, rule });
  const plan = (user_id: string, value: string) => ({
    event_type: '$identify',
    user_id,
    user_properties: { $set: { plan: value } },
  });
  await running.publish(plan('u-1', 'free'), plan('u-2', 'pro'));
  await running.settled(2);
  await running.engine.stop();
  expect(running.simulator.counts().accepted.attributes).toBe(2);

  const next = running.another();
  await next.engine.start();
  await running.publish(plan('u-1', 'free'), plan('u-2', 'free'), plan('u-3', 'pro'));
  await running.simulator.waitFor(() => running.simulator.counts().accepted.attributes === 4);
  await next.engine.stop();
  await running.simulator.settled();
  expect(running.simulator.counts().dataPoints).toBe(4);
  expect(running.simulator.profile('u-2')?.attributes).toMatchObject({ plan: 'free' });
});

test.concurrent('an identifier that only an earlier event named is read from the state', async () => {
  const mapped = {
    identifier: { property: 'user_properties.crm_id' },
    events: { select: ['Purchase'], properties: ['user_properties.plan'] },
  };
  await using running = await RunningEngine.start({ natsUrl, rule: mapped });
  await running.publish(
    { event_type: '$identify', user_id: 'u-1', user_properties: { $set: { crm_id: 'c-1', plan: 'pro' } } },
    { event_type: 'Purchase', user_id: 'u-1' },
    { event_type: 'Purchase', user_id: 'u-2' },
  );
  await running.settled(3);
  await running.simulator.settled();
  expect(running.simulator.eventsOf('c-1')).toMatchObject([{ name: 'Purchase', properties: { plan: 'pro' } }]);
  expect(running.counts.counts.discarded).toEqual({ unresolved_identifier: 1 });
});

test.concurrent('an update and the event that caused it travel together, and the event counts once', async () => {
  const both = { events: { select: ['Upgraded'] }, users: { properties: ['plan'] } };
  await using running = await RunningEngine.start({ natsUrl, rule: both, simulator: { keepBodies: true } });
  await running.publish({ event_type: 'Upgraded', user_id: 'u-1', user_properties: { plan: 'pro' } });
  await running.settled(1);
  expect(running.counts.delivered).toBe(1);
  expect(running.simulator.requests()).toMatchObject([
    { body: { attributes: [{ external_id: 'u-1', plan: 'pro' }], events: [{ external_id: 'u-1', name: 'Upgraded' }] } },
  ]);
});

test.concurrent('an update never overtakes an older event of its user', async () => {
  const both = { events: { select: ['*'] }, users: { properties: ['level'] }, batch: { maxWaitMs: 200 } };
  await using running = await RunningEngine.start({ natsUrl, rule: both, simulator: { keepBodies: true } });
  const steps = Array.from({ length: 20 }, (_, level) => ({
    event_type: 'Played',
    user_id: 'u-1',
    user_properties: { level },
    event_properties: { seq: level },
  }));
  await running.publish(...steps);
  await running.settled(20);
  await running.simulator.settled();
  for (const { body } of running.simulator.requests()) {
    const { attributes = [], events = [] } = body as {
      attributes?: { level: number }[];
      events?: { properties: { seq: number } }[];
    };
    for (const { level } of attributes)
      for (const { properties } of events) expect(level).toBeLessThanOrEqual(properties.seq);
  }
  expect(running.simulator.profile('u-1')?.attributes).toMatchObject({ level: 19 });
});

test.concurrent('removing a property sends null, and a refused update is a dead letter', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    rule: { ...rule, users: { properties: ['plan'] } },
    simulator: { blockedExternalIds: ['blocked'], keepBodies: true },
  });
  await running.publish(
    { event_type: '$identify', user_id: 'u-1', user_properties: { $set: { plan: 'pro' } } },
    { event_type: '$identify', user_id: 'blocked', user_properties: { $set: { plan: 'pro' } } },
  );
  await running.settled(2);
  await running.publish({ event_type: '$identify', user_id: 'u-1', user_properties: { $unset: { plan: '-' } } });
  await running.settled(3);
  expect(running.simulator.requests().at(-1)?.body).toEqual({ attributes: [{ external_id: 'u-1', plan: null }] });
  expect(running.counts.counts.discarded).toEqual({ rejected: 1 });
  expect(running.counts.counts).toMatchObject({ attributes: 3, attributesAccepted: 2 });
  const [letter] = await running.deadLetters();
  expect(letter?.payload).toContain('blocked');
});
