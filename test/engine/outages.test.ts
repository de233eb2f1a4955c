import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { ConfigError, UnreachableError } from '../../src/core/errors.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { openStream } from '../../src/nats/stream.ts';
import { TcpProxy } from '../chaos/tcp-proxy.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

function numbered(count: number, from = 0, users = 50): object[] {
  return Array.from({ length: count }, (_, index) => ({
    event_type: 'Viewed',
    user_id: `u-${(from + index) % users}`,
    event_properties: { seq: from + index },
  }));
}

function delivered(running: RunningEngine): Set<number> {
  return new Set(running.simulator.acceptedEvents().map(({ properties }) => Number(properties?.['seq'])));
}

test.concurrent('a server that goes away for ten seconds loses nothing, and the sync is unready meanwhile', async () => {
  await using nats = await startNatsServer();
  await using running = await RunningEngine.start({ natsUrl: nats.url, simulator: { latencyMs: [20, 60] } });
  await running.publish(...numbered(2_000));
  await running.simulator.waitFor(() => running.simulator.counts().accepted.events > 300);
  const killed = performance.now();
  await nats.kill();
  await vi.waitFor(() => expect(running.engine.ready).toBe(false), { timeout: 9_000 });
  await vi.waitFor(() => expect(performance.now() - killed).toBeGreaterThan(10_000), { timeout: 12_000 });
  await nats.restart();

  await vi.waitFor(() => expect(running.engine.ready).toBe(true), { timeout: 20_000 });
  await running.publish(...numbered(500, 2_000));
  await vi.waitFor(() => expect(delivered(running).size).toBe(2_500), { timeout: 20_000, interval: 50 });
  for (let user = 0; user < 50; user++) {
    const sequence = running.simulator.eventsOf(`u-${user}`).map(({ properties }) => Number(properties?.['seq']));
    const firsts = [...new Set(sequence)];
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  }
}, 60_000);

test.concurrent('what is unsettled for long is not delivered twice: the server hears that it is in progress', async () => {
  await using running = await RunningEngine.start({ natsUrl, engine: { ackWaitMs: 1_500 } });
  running.simulator.failNext({ kind: 'stall' }, 100);
  await running.publish(...numbered(200));
  await running.simulator.waitFor(() => running.simulator.requests().length > 0);
  const stalled = performance.now();
  await vi.waitFor(() => expect(performance.now() - stalled).toBeGreaterThan(4_000), { timeout: 6_000 });
  expect((await running.consumer()).num_redelivered).toBe(0);

  running.simulator.clearFaults();
  running.simulator.release();
  await running.settled(200);
  expect(running.counts.counts.received).toBe(200);
  expect(running.simulator.counts().accepted.events).toBe(200);
});

test.concurrent('while Braze answers nothing, no more is received than there are credits for', async () => {
  const rule = { delivery: { concurrency: 4 }, batch: { maxObjects: 25, maxWaitMs: 50 } };
  await using running = await RunningEngine.start({ natsUrl, rule });
  running.simulator.failBy(() => ({ kind: 'stall' }));
  await running.publish(...numbered(5_000));
  const credits = running.counts.credits;
  await vi.waitFor(() => expect(credits?.free).toBeLessThan(63), { timeout: 10_000 });
  expect(running.counts.inFlight).toBeLessThanOrEqual(1_000);
  expect((await running.consumer()).num_ack_pending).toBeLessThanOrEqual(1_000);

  running.simulator.clearFaults();
  running.simulator.release();
  await running.settled(5_000);
  expect(running.simulator.counts().accepted.events).toBe(5_000);
});

test.concurrent('messages of many events respect the credits too', async () => {
  await using running = await RunningEngine.start({ natsUrl, rule: { delivery: { concurrency: 4 } } });
  running.simulator.failBy(() => ({ kind: 'stall' }));
  await running.publish(...Array.from({ length: 100 }, (_, index) => numbered(100, index * 100, 10_000)));
  await running.simulator.waitFor(() => running.simulator.requests().length === 4);
  // 1,200 credits, and the message with which they ran out.
  expect(running.counts.inFlight).toBeLessThanOrEqual(1_300);

  running.simulator.clearFaults();
  running.simulator.release();
  await running.settled(10_000);
  expect(delivered(running).size).toBe(10_000);
});

test.concurrent('a stop delivers what is in flight and ends', async () => {
  await using running = await RunningEngine.start({ natsUrl, simulator: { latencyMs: 200 } });
  await running.publish(...numbered(1_000));
  await running.simulator.waitFor(() => running.simulator.requests().length > 2);
  await running.engine.stop();

  const { counts } = running;
  expect(counts.inFlight).toBe(0);
  expect(counts.counts.returned).toBe(0);
  expect(counts.delivered).toBe(counts.counts.received);
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 10_000 });
});

test.concurrent('a stop while the server is gone ends, with what is in flight delivered', async () => {
  await using nats = await startNatsServer();
  await using running = await RunningEngine.start({ natsUrl: nats.url, simulator: { latencyMs: 300 } });
  await running.publish(...numbered(500));
  await running.simulator.waitFor(() => running.simulator.requests().length > 0);
  await nats.kill();
  await running.engine.stop();
  expect(running.counts.inFlight).toBe(0);
  expect(running.simulator.counts().accepted.events).toBe(running.counts.delivered);
  // What the test leaves behind is removed over the same connection.
  await nats.restart();
  await vi.waitFor(() => running.connection.rtt(), { timeout: 20_000 });
}, 40_000);

test.concurrent('a stop gives back what cannot be delivered in time, and the next engine delivers it', async () => {
  await using running = await RunningEngine.start({ natsUrl, engine: { drainMs: 300, ackWaitMs: 2_000 } });
  running.simulator.failBy(() => ({ kind: 'stall' }));
  await running.publish(...numbered(500));
  await vi.waitFor(() => expect(running.counts.inFlight).toBe(500), { timeout: 10_000 });
  await running.engine.stop();
  expect(running.counts.counts.returned).toBe(500);
  expect(running.counts.inFlight).toBe(0);

  running.simulator.clearFaults();
  const next = running.another();
  await next.engine.start();
  await vi.waitFor(() => expect(delivered(running).size).toBe(500), { timeout: 10_000 });
  await next.engine.stop();
});

/** Takes messages off the consumer and leaves them unacked, in this order, as an engine does that crashes. */
async function leaveUnacked(running: RunningEngine, count: number): Promise<void> {
  const manager = await jetstreamManager(running.connection);
  await manager.consumers.add(running.stream.name, {
    durable_name: running.sync.name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: 1_000_000_000,
  });
  const consumer = await jetstream(running.connection).consumers.get(running.stream.name, running.sync.name);
  for await (const message of await consumer.fetch({ max_messages: count, expires: 1_000 }))
    expect(message.seq).toBeGreaterThan(0);
}

test.concurrent('what a crashed engine left comes before what is newer, in the order of the stream', async () => {
  await using running = await RunningEngine.start({ natsUrl, paused: true, engine: { ackWaitMs: 1_000 } });
  await running.publish(...numbered(300, 0, 3));
  await leaveUnacked(running, 200);
  await running.engine.start();
  await running.settled(300);
  await running.simulator.settled();
  for (const user of ['u-0', 'u-1', 'u-2']) {
    const sequence = running.simulator.eventsOf(user).map(({ properties }) => Number(properties?.['seq']));
    expect(sequence).toHaveLength(100);
    expect(sequence).toEqual(sequence.toSorted((a, b) => a - b));
  }
});

test.concurrent('what was on its way when the connection broke comes before what is newer', async () => {
  await using resources = new AsyncDisposableStack();
  const link = resources.use(await TcpProxy.start(Number(new URL(natsUrl).port)));
  // More than the client takes to connect again.
  const engine = { ackWaitMs: 4_000 };
  const running = resources.use(await RunningEngine.start({ natsUrl: `nats://127.0.0.1:${link.port}`, engine }));
  const direct = await connectNats({ urls: [natsUrl] });
  resources.defer(() => direct.close());
  const stream = await openStream(direct, running.stream.name);
  const send = (events: readonly object[]) =>
    Promise.all(events.map((event) => stream.publish(`${running.stream.name}.events`, JSON.stringify(event))));
  await send(numbered(50, 0, 3));
  await running.settled(50);

  link.set({ kind: 'silent' });
  const consumer = await jetstream(direct).consumers.get(running.stream.name, running.sync.name);
  await send(numbered(100, 50, 3));
  await vi.waitFor(async () => expect((await consumer.info()).delivered.stream_seq).toBeGreaterThan(50), {
    timeout: 10_000,
  });
  link.set({ kind: 'open' });
  await send(numbered(150, 150, 3));

  await vi.waitFor(() => expect(delivered(running).size).toBe(300), { timeout: 20_000 });
  await running.simulator.settled();
  for (const user of ['u-0', 'u-1', 'u-2']) {
    const sequence = running.simulator.eventsOf(user).map(({ properties }) => Number(properties?.['seq']));
    const firsts = [...new Set(sequence)];
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  }
}, 40_000);

test.concurrent('a stop while a crashed engine is taken over ends, and nothing is lost', async () => {
  await using running = await RunningEngine.start({ natsUrl, paused: true, engine: { ackWaitMs: 1_000 } });
  await running.publish(...numbered(300));
  await leaveUnacked(running, 200);
  await running.engine.start();
  await running.engine.stop();

  const next = running.another();
  await next.engine.start();
  await vi.waitFor(() => expect(delivered(running).size).toBe(300), { timeout: 15_000, interval: 50 });
  await next.engine.stop();
});

test.concurrent('with `once` the engine ends when nothing is pending and all is settled', async () => {
  await using running = await RunningEngine.start({ natsUrl, paused: true, engine: { once: true } });
  await running.publish(...numbered(3_000));
  await running.engine.start();
  await running.engine.done();
  expect(running.counts.delivered).toBe(3_000);
  await vi.waitFor(async () => expect(await running.consumer()).toMatchObject({ num_pending: 0, num_ack_pending: 0 }), {
    timeout: 10_000,
  });
});

test.concurrent('a consumer that is deleted is made again where it was, and nothing is lost', async () => {
  await using running = await RunningEngine.start({ natsUrl, simulator: { latencyMs: [10, 30] } });
  await running.publish(...numbered(3_000));
  await running.simulator.waitFor(() => running.simulator.counts().accepted.events > 200);
  await (await jetstreamManager(running.connection)).consumers.delete(running.stream.name, running.sync.name);
  await running.publish(...numbered(500, 3_000));
  await vi.waitFor(() => expect(delivered(running).size).toBe(3_500), { timeout: 20_000, interval: 50 });
}, 40_000);

test.concurrent('a stream that does not exist is said, with the way out', async () => {
  await using running = await RunningEngine.start({ natsUrl, paused: true, rule: { source: { stream: 'NOWHERE' } } });
  const error = await running.engine.start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreachableError);
  expect(String(error)).toMatch(/no stream NOWHERE; create it .*source\.stream/);
});

test.concurrent.for([
  ['a push consumer', { deliver_subject: 'push.here' }, /push consumer/],
  ['another ack policy', { ack_policy: AckPolicy.All }, /ack policy is all/],
  ['a limit of deliveries', { max_deliver: 3 }, /gives a message up after 3 deliveries/],
] as const)('a consumer of that name with %s is refused, with the way out', async ([, config, words]) => {
  await using running = await RunningEngine.start({ natsUrl, paused: true });
  const manager = await jetstreamManager(running.connection);
  await manager.consumers.add(running.stream.name, {
    durable_name: running.sync.name,
    ack_policy: AckPolicy.Explicit,
    ...config,
  });
  const error = await running.engine.start().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toMatch(words);
  expect(String(error)).toMatch(/another name|nats consumer rm/);
});

test.concurrent('a consumer that differs in what may be changed is made to match, and keeps its place', async () => {
  await using running = await RunningEngine.start({ natsUrl, paused: true, engine: { once: true } });
  const manager = await jetstreamManager(running.connection);
  await running.publish(...numbered(10));
  await manager.consumers.add(running.stream.name, {
    durable_name: running.sync.name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: 5_000_000_000,
    max_ack_pending: 7,
    filter_subject: `${running.stream.name}.nothing`,
  });
  await running.engine.start();
  await running.engine.done();
  expect((await running.consumer()).config).toMatchObject({
    ack_wait: 10_000_000_000,
    max_ack_pending: 2_400,
    filter_subject: `${running.stream.name}.>`,
  });
});
