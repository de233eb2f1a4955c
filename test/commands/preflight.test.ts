/** What `run` looks at before it starts, and what it says when something is not there. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, expect, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { ensureConsumer, markDisabled } from '../../src/sources/jetstream/consumer.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

// Each test starts processes, and others run beside it.
vi.setConfig({ testTimeout: 120_000 });
const simulator = await startSimulator();
const folder = await mkdtemp(join(tmpdir(), 'sluice-preflight-'));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await simulator.close();
});

const consumer = { subjects: 'orders.>', start: 'new', ackWaitMs: 10_000, maxAckPending: 1_000 } as const;

interface Parts {
  readonly stream?: string;
  readonly subjects?: string;
  readonly apiKey?: string;
  readonly endpoint?: string;
  readonly users?: string;
  readonly start?: 'all';
}

/** The arguments and the environment for one sync on a server, and what comes of `run` with them. */
async function run(
  url: string,
  args: readonly string[],
  parts: Parts = {},
  env: Readonly<Record<string, string>> = {},
) {
  const {
    stream = 'ORDERS',
    subjects = 'orders.>',
    start = 'new',
    apiKey = simulator.key,
    endpoint = simulator.url,
  } = parts;
  const rules = await mkdtemp(join(folder, 'rules-'));
  const rule = {
    name: 'purchases',
    source: { stream, subjects, start },
    destination: { type: 'braze', endpoint, apiKey },
    events: { select: ['*'] },
    ...(parts.users !== undefined && { users: { properties: [parts.users] } }),
  };
  await writeFile(join(rules, 'purchases.json'), JSON.stringify(rule));
  const running = promisify(execFile)(process.execPath, ['src/cli.ts', 'run', '--rules', rules, ...args], {
    env: { PATH: process.env['PATH'], NATS_URL: url, SLUICE_HTTP_PORT: '0', ...env },
  });
  return await running.then(
    (output) => ({ code: 0, ...output }),
    (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
  );
}

/** A server with the stream ORDERS. */
async function serving(config = '') {
  await using started = new AsyncDisposableStack();
  const server = started.use(await startNatsServer({ config }));
  const connection = started.use(await connectNats({ urls: [server.url], user: 'admin', password: 'admin' }));
  const stream = await createStream(connection, 'ORDERS', ['orders.>']);
  const resources = started.move();
  return { url: server.url, connection, stream, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test.concurrent('--check-only tells of each thing that is needed, in one line, and makes nothing', async () => {
  await using server = await serving();
  await server.stream.publish('orders.new', '{}');
  const { code, stdout } = await run(server.url, ['--check-only'], { users: 'plan' });
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'ok      sync purchases: the stream ORDERS holds 1 messages; the consumer will be made',
    'ok      bucket SLUICE_STATE_purchases: will be made',
    'ok      stream SLUICE_DEAD_LETTERS: will be made',
    `ok      Braze at ${simulator.url}: takes the key`,
    '',
  ]);
  expect((await run(server.url, ['--check-only'], { users: 'plan' })).stdout).toBe(stdout);

  await ensureConsumer(server.connection, { ...consumer, stream: 'ORDERS', name: 'purchases' });
  await server.stream.publish('orders.new', '{}');
  expect((await run(server.url, ['--check-only'])).stdout).toContain('holds 2 messages, of which 1 wait for it\n');
  await markDisabled(server.connection, 'ORDERS', 'purchases');
  expect((await run(server.url, ['--check-only'])).stdout).toContain('the sync was disabled, and starts from now\n');
});

test.concurrent('a stream that does not exist ends with 3, with what exists and how to make it', async () => {
  await using server = await serving();
  for (const args of [[], ['--once'], ['--check-only']]) {
    const { code, stdout, stderr } = await run(server.url, args, { stream: 'ORDER' });
    expect(code).toBe(3);
    expect(stdout + stderr).toContain(
      'sync purchases: there is no stream ORDER (did you mean ORDERS?); there are ORDERS. Name the right one ' +
        "in source.stream, or make it: nats stream add ORDER --subjects 'orders.>' --defaults",
    );
  }
});

test.concurrent('subjects that no message of the stream can have are a warning', async () => {
  await using server = await serving();
  const { code, stdout } = await run(server.url, ['--check-only'], { subjects: 'events.>' });
  expect(code).toBe(0);
  expect(stdout).toContain('warning sync purchases: no subject of the stream ORDERS matches source.subjects events.>');
  const byType = await run(server.url, ['--check-only'], { subjects: 'orders.{type}' });
  expect(byType.stdout).toContain('ok      sync purchases: the stream ORDERS holds 0 messages');
});

test.concurrent('subjects that tell the event type match a stream of single types', async () => {
  await using server = await serving();
  await createStream(server.connection, 'TYPED', ['typed.Purchase', 'typed.Viewed']);
  const { code, stdout } = await run(server.url, ['--check-only'], { stream: 'TYPED', subjects: 'typed.{type}' });
  expect(code).toBe(0);
  expect(stdout).not.toContain('no subject of the stream');
});

test.concurrent('a key that Braze refuses ends with 3 and is not shown', async () => {
  await using server = await serving();
  const apiKey = 'k3y-that-was-revoked';
  for (const args of [[], ['--check-only']]) {
    const { code, stdout, stderr } = await run(server.url, args, { apiKey });
    expect(code).toBe(3);
    expect(stdout + stderr).toMatch(/refuses the key of purchases: Braze answered 401.*users\.track/);
    expect(stdout + stderr).not.toContain(apiKey);
  }
});

test.concurrent('a Braze that does not answer is a warning, and no reason not to start', async () => {
  await using server = await serving();
  const endpoint = 'http://127.0.0.1:9';
  const { code, stdout } = await run(server.url, ['--check-only'], { endpoint });
  expect(code).toBe(0);
  expect(stdout).toMatch(/warning Braze at http:\/\/127\.0\.0\.1:9: cannot be asked now \(.*ECONNREFUSED/);
  const once = await run(server.url, ['--once'], { endpoint });
  expect(once.code).toBe(0);
  expect(once.stderr).toMatch(/cannot be asked now/);
});

test.concurrent('an endpoint that accepts whatever it gets is a warning: it is hardly Braze', async () => {
  await using server = await serving();
  await using resources = new AsyncDisposableStack();
  const web = createServer((_, response) => void response.writeHead(200).end('<html>Welcome</html>'));
  await once(web.listen(0, '127.0.0.1'), 'listening');
  resources.defer(() => void web.close());
  const endpoint = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  const { code, stdout } = await run(server.url, ['--check-only'], { endpoint });
  expect(code).toBe(0);
  expect(stdout).toContain(`warning Braze at ${endpoint}: accepts an empty request, which Braze refuses`);
});

test.concurrent('a server without JetStream ends with 3, and says how to have it', async () => {
  const users = `accounts {
    WITHOUT { users: [{ user: ada, password: ada }] }
    WITH { jetstream: enabled, users: [{ user: admin, password: admin }] }
  }`;
  await using server = await serving(users);
  const { code, stderr } = await run(server.url, [], {}, { NATS_USER: 'ada', NATS_PASSWORD: 'ada' });
  expect(code).toBe(3);
  expect(stderr).toMatch(/has no JetStream for this account.*start it with --jetstream/);
});

const admin = '{ user: admin, password: admin }';
const ada = (allow: readonly string[]) =>
  `authorization { users: [${admin}, { user: ada, password: ada, permissions: { publish: { allow: ${JSON.stringify(allow)} } } }] }`;
const asAda = { NATS_USER: 'ada', NATS_PASSWORD: 'ada' };
const lookAround = ['$JS.API.INFO', '$JS.API.STREAM.INFO.*', '$JS.API.CONSUMER.INFO.*.*'];

test.concurrent.for([
  ['look at the stream', ['$JS.API.INFO'], '$JS.API.STREAM.INFO.ORDERS'],
  ['make the dead letters', lookAround, '$JS.API.STREAM.CREATE.SLUICE_DEAD_LETTERS'],
  [
    'make the consumer',
    [...lookAround, '$JS.API.STREAM.CREATE.*'],
    '$JS.API.CONSUMER.CREATE.ORDERS.purchases.orders.>',
  ],
  [
    'make the bucket of users',
    [...lookAround, '$JS.API.STREAM.CREATE.SLUICE_DEAD_LETTERS', '$JS.API.CONSUMER.CREATE.>'],
    '$JS.API.STREAM.CREATE.KV_SLUICE_STATE_purchases',
  ],
] as const)('a user that may not %s ends with 3 and the subject to allow', async ([, allowed, missing]) => {
  await using server = await serving(ada(allowed));
  const { code, stderr } = await run(server.url, [], { users: 'plan' }, asAda);
  expect(code).toBe(3);
  expect(stderr).toContain(`the NATS user may not publish to ${missing}; allow it`);
});

test.concurrent('more replicas than the server can hold end with 3', async () => {
  await using server = await serving();
  const { code, stderr } = await run(server.url, [], {}, { SLUICE_REPLICAS: '3' });
  expect(code).toBe(3);
  expect(stderr).toMatch(/JetStream at .* refuses: replicas > 1 not supported in non-clustered mode/);
});

test.concurrent('the permissions in docs/operating.md are all that an engine needs', async () => {
  const page = await readFile('docs/operating.md', 'utf8');
  const documented = /```conf\n(.*?)```/s.exec(page)?.[1] ?? '';
  await using server = await serving(documented.replace('users: [', `users: [\n    ${admin},`));
  await server.stream.publish(
    'orders.new',
    JSON.stringify({ event_type: 'Sold', user_id: 'u-1', user_properties: { plan: 'pro' } }),
  );
  await server.stream.publish('orders.new', 'no JSON');
  const sluice = { NATS_USER: 'sluice', NATS_PASSWORD: 'sluice' };
  const { code, stdout, stderr } = await run(server.url, ['--once', '--json'], { users: 'plan', start: 'all' }, sluice);
  expect(stderr).not.toMatch(/Permissions Violation/);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    syncs: [{ received: 2, deliveredFirst: 1, discarded: { invalid_json: 1 } }],
  });
});

test.concurrent('a consumer that cannot serve the sync is named with the way out', async () => {
  await using server = await serving();
  const manager = await jetstreamManager(server.connection);
  await manager.consumers.add('ORDERS', { durable_name: 'purchases', ack_policy: AckPolicy.All });
  for (const args of [[], ['--check-only']]) {
    const { code, stdout, stderr } = await run(server.url, args);
    expect(code).toBe(3);
    expect(stdout + stderr).toMatch(/sync purchases: the consumer purchases .*its ack policy is all.*another name/);
  }
});
