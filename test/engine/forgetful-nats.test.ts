/** Servers that forget, or are told to: how far a consumer was, the consumer, a whole stream, all states. */
import { copyFile, glob } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream, openStream } from '../../src/nats/stream.ts';
import { bucketName } from '../../src/profiles/bucket.ts';
import { TcpProxy } from '../chaos/tcp-proxy.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

function numbered(count: number, from = 0): object[] {
  return Array.from({ length: count }, (_, index) => ({
    event_type: 'Viewed',
    user_id: `u-${(from + index) % 10}`,
    event_properties: { seq: from + index },
    user_properties: { level: from + index },
  }));
}

function arrived(running: RunningEngine): number[] {
  return running.simulator.acceptedEvents().map(({ properties }) => Number(properties?.['seq']));
}

test.concurrent('what a server that crashed delivers anew, since it forgot that it had, is not sent again', async () => {
  await using nats = await startNatsServer();
  await using running = await RunningEngine.start({ natsUrl: nats.url, engine: { ackWaitMs: 1_000 } });
  // Where the server keeps how far a consumer is; it writes that some time after the fact.
  const place = join(nats.storeDir, '**', running.stream.name, 'obs', running.sync.name, 'o.dat');
  await running.publish(...numbered(1));
  await running.settled(1);
  const state = await vi.waitFor(
    async () => {
      for await (const found of glob(place)) return found;
      throw new Error(`nothing is at ${place}`);
    },
    { timeout: 10_000 },
  );
  const before = join(nats.storeDir, 'before.dat');
  await copyFile(state, before);
  await running.publish(...numbered(200, 1));
  await running.settled(201);
  await nats.kill();
  await copyFile(before, state);
  await nats.restart();

  await vi.waitFor(async () => expect((await running.consumer()).ack_floor.stream_seq).toBe(201), { timeout: 20_000 });
  await running.publish(...numbered(1, 201));
  await vi.waitFor(() => expect(arrived(running)).toContain(201), { timeout: 20_000 });
  expect(arrived(running)).toHaveLength(202);
});

test.concurrent('a stream that is made anew is read from its beginning, after what is in flight of the one before', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    rule: { source: { start: 'new' }, users: { properties: ['level'] } },
  });
  const bad = { event_type: 'Viewed' };
  await running.publish(bad, ...numbered(100));
  await running.settled(101);
  running.simulator.failNext({ kind: 'stall' }, 100);
  await running.publish(...numbered(50, 100));
  await vi.waitFor(() => expect(running.counts.counts.received).toBe(151), { timeout: 10_000 });
  const manager = await jetstreamManager(running.connection);
  await manager.streams.delete(running.stream.name);
  await vi.waitFor(() => expect(running.engine.ready).toBe(false), { timeout: 20_000 });
  await createStream(running.connection, running.stream.name, [`${running.stream.name}.>`]);
  await running.publish(bad, ...numbered(120, 150));
  running.simulator.clearFaults();
  running.simulator.release();

  await vi.waitFor(() => expect(new Set(arrived(running)).size).toBe(270), { timeout: 20_000, interval: 50 });
  await running.simulator.settled();
  for (let user = 0; user < 10; user++) {
    const sequence = running.simulator.eventsOf(`u-${user}`).map(({ properties }) => Number(properties?.['seq']));
    expect(sequence).toEqual(sequence.toSorted((a, b) => a - b));
    expect(running.simulator.profile(`u-${user}`)?.attributes['level']).toBe(260 + user);
  }
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 10_000 });
  // Both have the number 1 in a stream of the same name.
  await vi.waitFor(async () => expect(await running.deadLetterCount()).toBe(2), { timeout: 10_000 });
  expect(running.engine.ready).toBe(true);
}, 60_000);

test.concurrent('a bucket of states that is deleted is made again, and the sync goes on', async () => {
  await using running = await RunningEngine.start({ natsUrl, rule: { users: { properties: ['level'] } } });
  await running.publish(...numbered(100));
  await running.settled(100);
  const { streams } = await jetstreamManager(running.connection);
  const bucket = `KV_${bucketName(running.sync.name)}`;
  await streams.delete(bucket);
  await running.publish(...numbered(100, 100));
  await running.settled(200);
  expect(running.engine.ready).toBe(true);
  expect((await streams.info(bucket)).state.messages).toBe(10);
});

test.concurrent('a consumer that is deleted before it brought anything is made again where it was', async () => {
  await using resources = new AsyncDisposableStack();
  const link = resources.use(await TcpProxy.start(Number(new URL(natsUrl).port)));
  const rule = { source: { start: 'new' } };
  const running = resources.use(await RunningEngine.start({ natsUrl: `nats://127.0.0.1:${link.port}`, rule }));
  const direct = await connectNats({ urls: [natsUrl] });
  resources.defer(() => direct.close());
  const { name } = running.stream;
  const { consumers } = await jetstreamManager(direct);
  await vi.waitFor(async () => expect((await consumers.info(name, running.sync.name)).num_waiting).toBe(1), {
    timeout: 10_000,
  });
  // Nobody makes the consumer again while the link is silent.
  link.set({ kind: 'silent' });
  await consumers.delete(name, running.sync.name);
  const stream = await openStream(direct, name);
  for (const event of numbered(20)) await stream.publish(`${name}.events`, JSON.stringify(event));
  link.set({ kind: 'open' });

  await vi.waitFor(() => expect(arrived(running)).toHaveLength(20), { timeout: 20_000 });
}, 40_000);
