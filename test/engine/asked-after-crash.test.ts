import { expect, inject, test } from 'vitest';
import { ensureConsumer } from '../../src/sources/jetstream/consumer.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');
const key = { key: 'k', permissions: ['users.track', 'users.export.ids'] };

const level = (user_id: string, value: number) => ({
  event_type: '$identify',
  user_id,
  user_properties: { $set: { level: value } },
});

/** What a crashed engine leaves: everything is delivered, and nothing is acked. */
async function deliveredToOneThatCrashed(running: RunningEngine, messages: number): Promise<void> {
  const { connection, stream, sync } = running;
  const options = {
    stream: stream.name,
    name: sync.name,
    start: 'all',
    ackWaitMs: 1_000,
    maxAckPending: 2_400,
  } as const;
  const consumer = await ensureConsumer(connection, { ...options, subjects: sync.source.subjects });
  let delivered = 0;
  for await (const _ of await consumer.fetch({ max_messages: messages })) delivered++;
  expect(delivered).toBe(messages);
}

test('an update that arrived before a crash is not sent again, though thousands of events lie between it and one before it', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    paused: true,
    rule: { events: { send: false }, users: { properties: ['level'], afterCrash: 'ask' } },
    simulator: { keys: [key], exportsPerMinute: null },
    engine: { ackWaitMs: 1_000 },
  });
  const { simulator } = running;
  // More events than the engine has credits, so that it could not hand out all of them at once.
  const others = Array.from({ length: 40 }, (_, message) =>
    Array.from({ length: 100 }, (_, index) => level(`other-${message}-${index}`, 1)),
  );
  await running.publish(level('u', 1));
  await running.publish(...others);
  await running.publish(level('u', 2));
  await deliveredToOneThatCrashed(running, 42);
  // Both updates of the user were in one request, and it arrived.
  await fetch(`${simulator.url}/users/track`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ attributes: [{ external_id: 'u', level: 2 }] }),
  });
  await simulator.settled();

  await running.engine.start();
  await running.settled(4_002);
  await simulator.settled();
  expect(simulator.counts().dataPoints).toBe(1 + 4_000);
  expect(running.counts.counts.attributesConfirmed).toBe(2);
  expect(simulator.profile('u')?.attributes).toEqual({ level: 2 });
});
