import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

const natsUrl = inject('natsUrl');
const connection = await connectNats({ urls: [natsUrl] });
const manager = await jetstreamManager(connection);
afterAll(() => connection.close());

/** Runs a command with JSON lines as its log. */
function sluice(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: {
      PATH: process.env['PATH'],
      NATS_URL: natsUrl,
      SLUICE_HTTP_PORT: '0',
      SLUICE_GATEWAY_PORT: '0',
      SLUICE_DEAD_LETTERS: 'GATEWAY_TEST_DEAD',
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const urls = new Promise<{ gateway: string; health: string }>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const gateway = /"gateway":"([^"]+)"/.exec(log)?.[1];
      const health = /"url":"([^"]+)"/.exec(log)?.[1];
      if (gateway !== undefined && health !== undefined) resolve({ gateway, health });
    });
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stdout)]).then(([[code], stdout]) => ({
    code: code as number | null,
    stdout,
    stderr: log,
  }));
  return { child, urls, ended };
}

const event = { user_id: 'mia-10001', event_type: 'Purchase', insert_id: '1', time: 1_760_000_000_000 };

test('gateway makes its stream as the settings say, takes events, counts them, and ends with 0 after SIGTERM', async () => {
  const stream = `GC_${randomUUID().slice(0, 8)}`;
  const { child, urls, ended } = sluice(['gateway'], {
    SLUICE_GATEWAY_KEYS: `first-key=${stream}`,
    SLUICE_STREAM_MAX_AGE_MS: '3600000',
    SLUICE_STREAM_MAX_BYTES: '1000000',
    SLUICE_STREAM_DUPLICATE_WINDOW_MS: '60000',
  });
  const { gateway, health } = await urls;
  const body = JSON.stringify({ api_key: 'first-key', events: [event, { ...event, insert_id: '2' }] });
  expect((await fetch(`${gateway}/2/httpapi`, { method: 'POST', body })).status).toBe(200);
  expect((await fetch(`${health}/readyz`)).status).toBe(200);
  const metrics = await (await fetch(`${health}/metrics`)).text();
  expect(metrics).toContain('sluice_gateway_events_total{endpoint="/2/httpapi"} 2');
  expect(metrics).toContain('sluice_gateway_requests_total{endpoint="/2/httpapi",status="200"} 1');
  const { config, state } = await manager.streams.info(stream);
  expect(state.messages).toBe(2);
  expect(config).toMatchObject({
    subjects: [`${stream.toLowerCase()}.>`],
    discard: 'new',
    max_age: 3_600e9,
    max_bytes: 1_000_000,
    duplicate_window: 60e9,
  });
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain('first-key');
  await manager.streams.delete(stream);
});

test('the gateway is not ready while NATS is away, and ready when it is back', async () => {
  await using nats = await startNatsServer();
  const { child, urls, ended } = sluice(['gateway'], { NATS_URL: nats.url, SLUICE_GATEWAY_KEYS: 'key=EVENTS' });
  const { health } = await urls;
  const ready = async () => (await fetch(`${health}/readyz`)).status;
  expect(await ready()).toBe(200);
  await nats.kill();
  await vi.waitFor(async () => expect(await ready()).toBe(503), { timeout: 10_000 });
  await nats.restart();
  await vi.waitFor(async () => expect(await ready()).toBe(200), { timeout: 20_000 });
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('run --gateway is the whole way from the API to Braze, in one process', async () => {
  await using resources = new AsyncDisposableStack();
  const simulator = resources.use(await startSimulator());
  const folder = await mkdtemp(join(tmpdir(), 'sluice-gateway-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const stream = `GC_${randomUUID().slice(0, 8)}`;
  resources.defer(async () => void (await manager.streams.delete(stream)));
  await writeFile(
    join(folder, 'all.yaml'),
    `name: ${stream}
source: { stream: ${stream}, subjects: ${stream.toLowerCase()}.>, start: all }
destination: { type: braze, endpoint: "${simulator.url}", apiKey: "${simulator.key}" }
events: { select: ["*"] }
batch: { maxWaitMs: 20 }
`,
  );
  const { child, urls, ended } = sluice(['run', '--gateway', '--rules', folder], {
    SLUICE_GATEWAY_KEYS: `key=${stream}`,
  });
  const { gateway } = await urls;
  const body = JSON.stringify({ api_key: 'key', events: [event] });
  expect((await fetch(`${gateway}/2/httpapi`, { method: 'POST', body })).status).toBe(200);
  await simulator.waitFor(() => simulator.counts().accepted.events === 1, { timeoutMs: 20_000 });
  expect(simulator.acceptedEvents().map(({ user }) => user)).toEqual(['external_id:mia-10001']);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('a gateway that would let nobody in ends with 2, and says what to set', async () => {
  const { code, stderr } = await sluice(['gateway']).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('SLUICE_GATEWAY_KEYS');
});

test('a stream that takes other subjects ends it with 1, and says what to do', async () => {
  const stream = `GC_${randomUUID().slice(0, 8)}`;
  await manager.streams.add({ name: stream, subjects: [`${stream}.other`] });
  const { code, stderr } = await sluice(['gateway'], { SLUICE_GATEWAY_KEYS: `key=${stream}` }).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`nats stream edit ${stream} --subjects`);
  await manager.streams.delete(stream);
});

test('keys that are written wrong end it with 2, without a key in the error', async () => {
  const { code, stderr } = await sluice(['gateway'], { SLUICE_GATEWAY_KEYS: 'good-key=EVENTS,bad-key' }).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('see number 2');
  expect(stderr).not.toMatch(/good-key|bad-key/);
});

test('help shows an example and the settings', async () => {
  const { code, stdout } = await sluice(['gateway', '--help']).ended;
  expect(code).toBe(0);
  expect(stdout).toContain('Example:');
  expect(stdout).toContain('SLUICE_GATEWAY_PARTITIONS');
});
