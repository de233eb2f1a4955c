import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { noTypeToken, typeToken } from '../../src/core/subject.ts';
import { ensureConsumer } from '../../src/sources/jetstream/consumer.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');
const types = ['Purchase', 'Song Played', 'a.b.*.>', 'Größe', '$identify', 'Viewed', '%'];

/** A sync of these types over a stream whose subjects tell the type. Not started. */
async function prepared(select: readonly string[]): Promise<RunningEngine> {
  const running = await RunningEngine.start({ natsUrl, paused: true, rule: { events: { select } } });
  // The name of the stream is known only now.
  Object.assign(running.sync.source, { subjects: `${running.stream.name}.*.{type}` });
  return running;
}

async function publish(running: RunningEngine, type: string, seq: number): Promise<void> {
  const event = { event_type: type, user_id: `u-${seq}`, event_properties: { seq } };
  await running.stream.publish(`${running.stream.name}.0.${typeToken(type)}`, JSON.stringify(event));
}

function delivered(running: RunningEngine): readonly string[] {
  return running.simulator.acceptedEvents().map(({ name }) => name);
}

test.concurrent('a sync receives the types that it selects, messages of several types, and nothing else', async () => {
  await using running = await prepared(['Purchase', 'a.b.*.>', 'Größe']);
  for (const [seq, type] of types.entries()) await publish(running, type, seq);
  const many = types.map((event_type, seq) => ({ event_type, user_id: `m-${seq}` }));
  await running.stream.publish(`${running.stream.name}.0.${noTypeToken}`, JSON.stringify(many));
  await running.engine.start();
  await running.settled(3 + types.length);

  expect(delivered(running).toSorted()).toEqual(['Größe', 'Größe', 'Purchase', 'Purchase', 'a.b.*.>', 'a.b.*.>']);
  expect(running.counts.counts).toMatchObject({ received: 10, filtered: 4, deliveredFirst: 6 });
});

test.concurrent('a select that changes changes what the consumer receives, from where it stands', async () => {
  await using running = await prepared(['Purchase']);
  await running.engine.start();
  await publish(running, 'Purchase', 1);
  await publish(running, 'Viewed', 2);
  await running.settled(1);
  await running.engine.stop();

  Object.assign(running.sync.events, { select: [{ event: 'Viewed' }, { event: 'Song Played' }] });
  const next = running.another();
  await next.engine.start();
  for (const [seq, type] of types.entries()) await publish(running, type, 10 + seq);
  await vi.waitFor(() => expect(delivered(running)).toEqual(expect.arrayContaining(['Viewed', 'Song Played'])), {
    timeout: 10_000,
  });
  expect(delivered(running).filter((name) => name === 'Purchase')).toHaveLength(1);
  expect((await running.consumer()).config).toMatchObject({
    filter_subjects: ['Viewed', 'Song%20Played', noTypeToken].map((token) => `${running.stream.name}.*.${token}`),
  });
  await next.engine.stop();
});

test.concurrent('a sync that comes to need every event receives every event', async () => {
  await using running = await prepared(['Purchase']);
  await running.engine.start();
  await running.engine.stop();
  Object.assign(running.sync.events, { select: [{ event: '*' }] });
  const next = running.another();
  await next.engine.start();
  for (const [seq, type] of types.entries()) await publish(running, type, seq);
  await running.simulator.waitFor(() => running.simulator.counts().accepted.events === types.length - 1);
  expect((await running.consumer()).config).toMatchObject({ filter_subject: `${running.stream.name}.*.*` });
  await next.engine.stop();
});

test.concurrent('a server that does not know several subjects is asked for all of them', async () => {
  await using running = await prepared(['Purchase']);
  const { connection, stream } = running;
  const older = Object.create(connection, { info: { value: { ...connection.info, version: '2.9.10' } } });
  const options = { stream: stream.name, name: 'older', start: 'all', ackWaitMs: 1_000, maxAckPending: 10 } as const;
  const subjects = { subjects: `${stream.name}.*.*`, selected: [`${stream.name}.*.a`, `${stream.name}.*.b`] };
  await ensureConsumer(older, { ...options, ...subjects });
  const manager = await jetstreamManager(connection);
  const { config } = await manager.consumers.info(stream.name, 'older');
  expect(config.filter_subject).toBe(subjects.subjects);
  expect(config.filter_subjects).toBeUndefined();
});
