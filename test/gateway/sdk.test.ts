/** Amplitude's own clients in front of the gateway, and an engine behind it: what they send is what reaches Braze. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstance, Identify, Revenue } from '@amplitude/analytics-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { chromium } from 'playwright-core';
import { Registry } from 'prom-client';
import { expect, inject, test, vi } from 'vitest';
import { RunningEngine } from '../running-engine.ts';
import { apiKey, RunningGateway } from './running-gateway.ts';

const natsUrl = inject('natsUrl');

/** A gateway that writes to the stream that an engine reads. */
async function startChain(resources: AsyncDisposableStack) {
  const gateway = resources.use(await RunningGateway.start(natsUrl));
  const engine = resources.use(
    await RunningEngine.start({
      natsUrl,
      rule: {
        source: { stream: gateway.stream, subjects: `${gateway.stream.toLowerCase()}.>` },
        events: {
          select: ['*'],
          properties: [
            'event_properties.song',
            { from: 'event_properties.$price', as: 'price' },
            { from: 'event_properties.$quantity', as: 'quantity' },
            { from: 'event_properties.$productId', as: 'product' },
          ],
        },
        users: { properties: ['plan', 'visits', 'org'] },
      },
    }),
  );
  return { gateway, engine };
}

/** What both clients are told to do, as it has to reach Braze. */
async function expectAll({ engine, gateway }: Awaited<ReturnType<typeof startChain>>, user: string): Promise<void> {
  await vi.waitFor(
    () => {
      const events = engine.simulator.eventsOf(user);
      expect(events.map(({ name }) => name)).toEqual(expect.arrayContaining(['Song Played', 'revenue_amount']));
    },
    { timeout: 20_000 },
  );
  const events = engine.simulator.eventsOf(user);
  const byName = (name: string) => events.filter((event) => event.name === name);
  expect(byName('Song Played').map(({ properties }) => properties)).toEqual([{ song: 'Größenwahn “live”' }]);
  expect(byName('revenue_amount').map(({ properties }) => properties)).toEqual([
    { product: 'vinyl', price: 9.5, quantity: 2 },
  ]);
  const names = events.map(({ name }) => name);
  expect(names).not.toContain('$identify');
  expect(names).not.toContain('$groupidentify');
  // A user's group is a property of the user; what is told of a group concerns no user, and stays in the stream.
  await vi.waitFor(
    () => {
      expect(engine.simulator.profile(user)?.attributes).toMatchObject({ plan: 'pro', visits: 3, org: 'Acme' });
    },
    { timeout: 10_000 },
  );
  const stored = (await gateway.stored()).map(({ value }) => value as Readonly<Record<string, unknown>>);
  expect(stored.filter(({ event_type: type }) => type === '$groupidentify')).toEqual([
    expect.objectContaining({ groups: { org: 'Acme' }, group_properties: { $set: { size: 7 } } }),
  ]);
}

test('what the Node SDK sends reaches Braze', async () => {
  await using resources = new AsyncDisposableStack();
  const chain = await startChain(resources);
  const client = createInstance();
  const serverUrl = `${chain.gateway.gateway.url}/2/httpapi`;
  await client.init(apiKey, { serverUrl, flushIntervalMillis: 10, flushQueueSize: 3 }).promise;
  const user = { user_id: 'node-user-1', device_id: 'node-device-1' };
  const results = [
    client.track('Song Played', { song: 'Größenwahn “live”' }, user),
    client.identify(new Identify().set('plan', 'pro').add('visits', 3), user),
    client.revenue(new Revenue().setProductId('vinyl').setPrice(9.5).setQuantity(2), user),
    client.setGroup('org', 'Acme', user),
    client.groupIdentify('org', 'Acme', new Identify().set('size', 7), user),
  ];
  await client.flush().promise;
  const codes = await Promise.all(results.map(async ({ promise }) => (await promise).code));
  expect(codes).toEqual([200, 200, 200, 200, 200]);
  await expectAll(chain, 'node-user-1');
  const types = (await chain.gateway.stored()).map(({ subject }) => subject.split('.')[1]);
  expect(types.toSorted((one = '', other = '') => one.localeCompare(other))).toEqual([
    '$groupidentify',
    '$identify',
    '$identify',
    'revenue_amount',
    'Song%20Played',
  ]);
});

test('the Node SDK drops what the gateway refuses, and sends the rest again by itself', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const client = createInstance();
  const serverUrl = `${gateway.gateway.url}/2/httpapi`;
  await client.init(apiKey, { serverUrl, flushIntervalMillis: 10, logLevel: 0 }).promise;
  const good = client.track('Good', {}, { user_id: 'node-user-1' });
  const bad = client.track('Bad', {}, { user_id: 'x' });
  expect(await bad.promise).toMatchObject({ code: 400, message: 'Invalid id length for user_id or device_id' });
  expect(await good.promise).toMatchObject({ code: 200 });
  expect(await gateway.stored()).toHaveLength(1);
});

test('the Node SDK gives up at once on a key that nobody knows', async () => {
  await using gateway = await RunningGateway.start(natsUrl);
  const client = createInstance();
  const serverUrl = `${gateway.gateway.url}/2/httpapi`;
  await client.init('unknown', { serverUrl, flushIntervalMillis: 10, logLevel: 0 }).promise;
  const { promise } = client.track('Song Played', {}, { user_id: 'node-user-1' });
  expect(await promise).toMatchObject({ code: 400, message: 'Invalid API key' });
});

test('the Node SDK sends again what could not be stored, and it is stored once', async () => {
  const registry = new Registry();
  await using gateway = await RunningGateway.start(natsUrl, { registry });
  const manager = await jetstreamManager(gateway.connection);
  const { config } = await manager.streams.info(gateway.stream);
  await manager.streams.delete(gateway.stream);
  const client = createInstance();
  const serverUrl = `${gateway.gateway.url}/2/httpapi`;
  await client.init(apiKey, { serverUrl, flushIntervalMillis: 10, logLevel: 0 }).promise;
  const { promise } = client.track('Song Played', {}, { user_id: 'node-user-1' });
  await vi.waitFor(async () => expect(await registry.metrics()).toContain('status="503"'), { timeout: 10_000 });
  await manager.streams.add(config);
  expect(await promise).toMatchObject({ code: 200 });
  expect(await gateway.stored()).toHaveLength(1);
});

/** The page as a shop would have it, and the SDK beside it, served from this machine. */
async function servePage(resources: AsyncDisposableStack): Promise<string> {
  const script = await readFile('node_modules/@amplitude/analytics-browser/lib/scripts/amplitude-min.js');
  const server = createServer((request, response) => {
    const isScript = request.url === '/amplitude.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isScript ? script : '<!doctype html><title>Shop</title><script src="/amplitude.js"></script>');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  resources.defer(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test.each([
  ['as it is', { transport: 'fetch', enableRequestBodyCompression: false }],
  ['compressed', { transport: 'fetch', enableRequestBodyCompression: true }],
  ['by XMLHttpRequest', { transport: 'xhr', enableRequestBodyCompression: true }],
  ['by a beacon', { transport: 'beacon', enableRequestBodyCompression: false }],
])(
  'what the browser SDK sends %s reaches Braze',
  async (_, transport) => {
    await using resources = new AsyncDisposableStack();
    const chain = await startChain(resources);
    const page = await servePage(resources);
    const folder = await mkdtemp(join(tmpdir(), 'sluice-browser-'));
    resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    resources.defer(() => context.close());
    const tab = await context.newPage();
    const encodings = new Set<string | undefined>();
    tab.on('request', (request) => {
      if (request.method() === 'POST') encodings.add(request.headers()['content-encoding']);
    });
    await tab.goto(page);
    const codes = await tab.evaluate(useSdk, {
      apiKey,
      serverUrl: `${chain.gateway.gateway.url}/2/httpapi`,
      transport,
    });
    // A beacon tells nothing of the answer: the SDK takes it as sent.
    expect(codes).toEqual([200, 200, 200, 200, 200]);
    expect(encodings.has('gzip')).toBe(transport.enableRequestBodyCompression);
    await expectAll(chain, 'browser-user-1');
    const stored = await chain.gateway.stored();
    const types = stored.map(({ subject }) => decodeURIComponent(subject.split('.')[1] ?? ''));
    expect(types).toEqual(
      expect.arrayContaining([
        'Song Played',
        'revenue_amount',
        '$identify',
        '$groupidentify',
        '[Amplitude] Page Viewed',
      ]),
    );
  },
  90_000,
);

interface Told {
  readonly apiKey: string;
  readonly serverUrl: string;
  readonly transport: Readonly<Record<string, unknown>>;
}

/** Runs in the page. */
async function useSdk({ apiKey, serverUrl, transport }: Told): Promise<readonly number[]> {
  interface Sent {
    readonly promise: Promise<{ readonly code: number }>;
  }
  interface Sdk {
    init(key: string, user: string, options: object): Sent;
    track(type: string, properties: object): Sent;
    identify(identify: object): Sent;
    revenue(revenue: object): Sent;
    setGroup(type: string, name: string): Sent;
    groupIdentify(type: string, name: string, identify: object): Sent;
    flush(): Sent;
    Identify: new () => { set(name: string, value: unknown): { add(name: string, value: number): object } };
    Revenue: new () => {
      setProductId(id: string): { setPrice(price: number): { setQuantity(quantity: number): object } };
    };
  }
  const { amplitude } = globalThis as unknown as { readonly amplitude: Sdk };
  await amplitude.init(apiKey, 'browser-user-1', {
    serverUrl,
    flushIntervalMillis: 100,
    autocapture: { pageViews: true, attribution: true },
    remoteConfig: { fetchRemoteConfig: false },
    enableDiagnostics: false,
    ...transport,
  }).promise;
  const sent = [
    amplitude.track('Song Played', { song: 'Größenwahn “live”', lyrics: 'la '.repeat(2_000) }),
    amplitude.identify(new amplitude.Identify().set('plan', 'pro').add('visits', 3)),
    amplitude.revenue(new amplitude.Revenue().setProductId('vinyl').setPrice(9.5).setQuantity(2)),
    amplitude.setGroup('org', 'Acme'),
    amplitude.groupIdentify('org', 'Acme', new amplitude.Identify().set('size', 7)),
  ];
  amplitude.flush();
  return await Promise.all(sent.map(async ({ promise }) => (await promise).code));
}
