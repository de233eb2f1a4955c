import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { jetstreamManager } from '@nats-io/jetstream';
import { Agent, request } from 'undici';
import { expect, inject, test, vi } from 'vitest';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { apiKey, eventOf, RunningGateway } from './running-gateway.ts';

const natsUrl = inject('natsUrl');
const mebibyte = 1_024 * 1_024;

test('a stream that is full makes 503, and nothing of the request is stored', async () => {
  const streams = { replicas: 1, maxAgeMs: 0, maxBytes: 20_000, duplicateWindowMs: 120_000 };
  await using gateway = await RunningGateway.start(natsUrl, { streams });
  const event = () => eventOf({ event_properties: { text: 'x'.repeat(1_000) } });
  const statuses = [];
  for (let round = 0; round < 10; round++)
    statuses.push((await gateway.send(event(), event(), event(), event())).status);
  const accepted = statuses.filter((status) => status === 200).length;
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(await gateway.stored()).toHaveLength(4 * accepted);
});

test('a stream that is gone makes 503, and one that is made again is written to', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const manager = await jetstreamManager(gateway.connection);
  const { config } = await manager.streams.info(gateway.stream);
  await manager.streams.delete(gateway.stream);
  const { status, body, headers } = await gateway.send(eventOf(), eventOf());
  expect({ status, body }).toMatchObject({ status: 503, body: { code: 503 } });
  expect(headers.get('retry-after')).toBe('30');
  await manager.streams.add({ name: config.name, subjects: config.subjects });
  // It takes no batches now, which the gateway finds out by itself.
  expect((await gateway.send(eventOf(), eventOf())).status).toBe(200);
  expect(await gateway.stored()).toHaveLength(2);
});

test('a stream of a server that knows no batches gets each event by itself', async () => {
  await using made = await RunningGateway.start(natsUrl);
  const manager = await jetstreamManager(made.connection);
  await manager.streams.update(made.stream, { allow_atomic: false });
  await using gateway = await RunningGateway.start(natsUrl, {}, made.stream);
  const [one, two] = [eventOf(), eventOf()];
  expect((await gateway.send(one)).status).toBe(200);
  expect((await gateway.send(one, two)).status).toBe(200);
  expect((await gateway.stored()).map(({ value }) => value)).toEqual([one, two]);
});

test('while NATS is gone the gateway answers 503 at once, and 200 when it is back', async () => {
  await using nats = await startNatsServer();
  await using gateway = await RunningGateway.start(nats.url);
  expect((await gateway.send(eventOf())).status).toBe(200);
  await nats.kill();
  await vi.waitFor(async () => expect((await gateway.send(eventOf())).status).toBe(503), { timeout: 10_000 });
  await nats.restart();
  await vi.waitFor(async () => expect((await gateway.send(eventOf())).status).toBe(200), { timeout: 20_000 });
});

test('while NATS does not answer, memory is bounded: what is under way is unknown, and more is refused at once', async () => {
  await using nats = await startNatsServer();
  const budget = 2 * mebibyte;
  await using gateway = await RunningGateway.start(nats.url, { maxBytes: budget, timeouts: { store: 500 } });
  expect((await gateway.send(eventOf())).status).toBe(200);
  const events = Array.from({ length: 5 }, () => eventOf({ event_properties: { text: 'x'.repeat(80_000) } }));
  process.kill(nats.pid, 'SIGSTOP');
  try {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.send(...events)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([504, 429]));
    expect(statuses.filter((status) => status === 504).length).toBeLessThanOrEqual(5);
    // What NATS has not read is still held by this process.
    const { status, headers, body } = await gateway.send(...events);
    expect({ status, body }).toEqual({
      status: 429,
      body: {
        code: 429,
        error: expect.stringContaining('Too many requests') as string,
        eps_threshold: 0,
        throttled_devices: {},
        throttled_users: {},
        throttled_events: [],
        exceeded_daily_quota_users: {},
        exceeded_daily_quota_devices: {},
      },
    });
    expect(headers.get('retry-after')).toBe('30');
  } finally {
    process.kill(nats.pid, 'SIGCONT');
  }
  await vi.waitFor(async () => expect((await gateway.send(...events)).status).toBe(200), { timeout: 20_000 });
});

test('requests of many small events count with what they take beside their bodies', async () => {
  await using nats = await startNatsServer();
  const budget = 8 * mebibyte;
  await using gateway = await RunningGateway.start(nats.url, { maxBytes: budget, timeouts: { store: 500 } });
  const events = Array.from({ length: 2_000 }, () => ({ event_type: 'x', user_id: 'mia-1' }));
  process.kill(nats.pid, 'SIGSTOP');
  try {
    const answers = await Promise.all(Array.from({ length: 30 }, () => gateway.send(...events)));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([504, 429]));
    // All thirty bodies together would be 2 MB; what they are in memory is above 1 MB each.
    expect(statuses.filter((status) => status === 504).length).toBeLessThanOrEqual(8);
  } finally {
    process.kill(nats.pid, 'SIGCONT');
  }
  await vi.waitFor(async () => expect((await gateway.send(...events)).status).toBe(200), { timeout: 20_000 });
});

test('a request that would wait too long behind others is refused, whatever memory there is', async () => {
  await using nats = await startNatsServer();
  await using gateway = await RunningGateway.start(nats.url, { timeouts: { store: 500 } });
  process.kill(nats.pid, 'SIGSTOP');
  try {
    const requests = Array.from({ length: 60 }, () => gateway.send(eventOf(), eventOf()));
    const statuses = (await Promise.all(requests)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([504, 429]));
  } finally {
    process.kill(nats.pid, 'SIGCONT');
  }
  await vi.waitFor(async () => expect((await gateway.send(eventOf())).status).toBe(200), { timeout: 20_000 });
});

test.each([
  ['of gzip', gzipSync(Buffer.alloc(50 * mebibyte, ' ')), { 'content-encoding': 'gzip' }, 413],
  ['of depth', `{"api_key":"${apiKey}","events":${'['.repeat(900_000)}`, {}, 413],
  ['of size', 'x'.repeat(3 * mebibyte), {}, 413],
])('a bomb %s is refused', async (_, body, headers: Record<string, string>, status) => {
  await using gateway = await RunningGateway.start(natsUrl);
  expect((await gateway.post('/2/httpapi', body, headers)).status).toBe(status);
  expect((await gateway.send(eventOf())).status).toBe(200);
});

test('a batch of millions of small parts is refused before it is parsed', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const bomb = `{"api_key":"${apiKey}","events":[${'{},'.repeat(6_000_000)}{}]}`;
  expect((await gateway.post('/batch', bomb)).status).toBe(413);
});

/** A connection that sends what it is told, and tells what comes back. */
async function open(
  gateway: RunningGateway,
  text: string,
): Promise<{ socket: Socket; answer: () => string; closed: Promise<void> }> {
  const { port } = new URL(gateway.gateway.url);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answer: () => answer, closed };
}

const head = (length: number) => `POST /2/httpapi HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

test('a body without end is broken off', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const { socket, answer, closed } = await open(
    gateway,
    'POST /2/httpapi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  let chunks = 0;
  while (!socket.destroyed && chunks < 1_000) {
    chunks++;
    if (!socket.write(chunk))
      await Promise.race([new Promise((resolve) => void socket.once('drain', resolve)), closed]);
  }
  await closed;
  expect(chunks).toBeLessThan(1_000);
  expect(answer()).toContain('413 Payload Too Large');
});

test('clients that send slowly, stop, or go away harm nobody and are ended', async () => {
  await using gateway = await RunningGateway.start(natsUrl, { timeouts: { headers: 1_000, request: 2_000 } });
  const slow = await Promise.all([
    ...Array.from({ length: 100 }, () => open(gateway, 'POST /2/httpapi HTTP/1.1\r\nHo')),
    ...Array.from({ length: 100 }, () => open(gateway, `${head(500)}{"api_key"`)),
  ]);
  const gone = await Promise.all(Array.from({ length: 100 }, () => open(gateway, `${head(500)}{"api_key"`)));
  for (const { socket } of gone) socket.destroy();
  for (let round = 0; round < 5; round++) expect((await gateway.send(eventOf())).status).toBe(200);
  await Promise.all(slow.map(({ closed }) => closed));
  for (const { answer } of slow) expect(answer()).toContain('408 Request Timeout');
  expect((await gateway.send(eventOf())).status).toBe(200);
  expect(await gateway.stored()).toHaveLength(6);
});

test('bodies that have stalled give way to others when memory is short', async () => {
  await using gateway = await RunningGateway.start(natsUrl, { maxBytes: 300_000 });
  const stalled = await Promise.all(
    Array.from({ length: 4 }, () => open(gateway, `${head(200_000)}${'x'.repeat(74_000)}`)),
  );
  const large = eventOf({ event_properties: { text: 'x'.repeat(50_000) } });
  await vi.waitFor(async () => expect((await gateway.send(large)).status).toBe(200), { timeout: 10_000 });
  expect(stalled.some(({ socket }) => socket.closed || socket.destroyed)).toBe(true);
  for (const { socket } of stalled) socket.destroy();
});

test('2,000 connections at once are served', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  await using resources = new AsyncDisposableStack();
  const agent = resources.adopt(new Agent({ connections: 2_000, pipelining: 1 }), (agent) => agent.close());
  const body = (index: number) => JSON.stringify({ api_key: apiKey, events: [eventOf({ user_id: `user-${index}` })] });
  for (let round = 0; round < 2; round++) {
    const statuses = await Promise.all(
      Array.from({ length: 2_000 }, async (_, index) => {
        const url = `${gateway.gateway.url}/2/httpapi`;
        const answer = await request(url, { method: 'POST', body: body(index), dispatcher: agent });
        await answer.body.dump();
        return answer.statusCode;
      }),
    );
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  }
  const { state } = await (await jetstreamManager(gateway.connection)).streams.info(gateway.stream);
  expect(state.messages).toBe(4_000);
}, 60_000);

test('a stop answers what is under way and takes nothing more', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const text = JSON.stringify({ api_key: apiKey, events: [eventOf()] });
  const { socket, answer, closed } = await open(gateway, head(text.length) + text.slice(0, 20));
  // The request is known to the server once it has answered one that came later.
  await gateway.send(eventOf());
  const stopped = gateway.gateway.close(10_000);
  socket.write(text.slice(20));
  await stopped;
  await closed;
  expect(answer()).toContain('"events_ingested":1');
  expect(await gateway.stored()).toHaveLength(2);
  await expect(gateway.send(eventOf())).rejects.toThrow('fetch failed');
});
