import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { CurrentsOptions } from '../../src/simulator/simulator.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { event, post, purchase } from './support.ts';

interface Told {
  readonly event_type: string;
  readonly id: string;
  readonly time: number;
  readonly user: Record<string, unknown>;
  readonly properties: Record<string, unknown>;
}

/** What receives Currents: answers as it is told to, and by 200 after that, and keeps what it got. */
class Receiver implements AsyncDisposable {
  readonly url: string;
  readonly batches: (readonly Told[])[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  readonly #server: Server;

  private constructor(server: Server, answers: readonly (number | 'cut')[]) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/currents`;
    const left = [...answers];
    server.on('request', (request, response) => {
      this.headers.push(request.headers);
      void json(request).then((body) => {
        const answer = left.shift() ?? 200;
        this.batches.push((body as { events: Told[] }).events);
        if (answer === 'cut') response.destroy();
        else response.writeHead(answer).end();
      });
    });
  }

  static async start(...answers: readonly (number | 'cut')[]): Promise<Receiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Receiver(server, answers);
  }

  get sizes(): readonly number[] {
    return this.batches.map(({ length }) => length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const quiet = { messagePercent: 0, repeatPercent: 0, unknownEvery: 0, backoff: { firstMs: 1, maxMs: 4 } };

async function telling({ url }: Receiver, options: Partial<CurrentsOptions> = {}): Promise<Simulator> {
  return await startSimulator({ currents: { url, token: 'currents-token', ...quiet, ...options } });
}

function events(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => event({ external_id: `u${index}`, properties: { index } }));
}

test('an empty batch comes first, and then what was accepted, with the token and the version', async () => {
  await using receiver = await Receiver.start();
  await using simulator = await telling(receiver);
  await post(simulator, { events: [event({ app_id: 'app-1', properties: { a: 1 } }), event({ name: '' })] });
  await post(simulator, { purchases: [purchase()], attributes: [{ external_id: 'u1', plan: 'pro' }] });
  await simulator.currents?.flush();
  expect(receiver.sizes).toEqual([0, 2]);
  expect(receiver.headers[1]).toMatchObject({
    authorization: 'Bearer currents-token',
    'braze-currents-version': '1',
    'content-type': 'application/json',
  });
  const user = { user_id: expect.stringMatching(/^[0-9a-f]{24}$/), external_user_id: 'u1', timezone: 'Europe/Paris' };
  const time = Date.parse('2026-01-01T00:00:00Z') / 1_000;
  expect(receiver.batches[1]).toEqual([
    {
      event_type: 'users.behaviors.CustomEvent',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time,
      user,
      properties: { app_id: 'app-1', name: 'Song Played', custom_properties: { a: 1 } },
    },
    {
      event_type: 'users.behaviors.Purchase',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      time,
      user,
      properties: { product_id: 'record', price: 20.5, currency: 'EUR', purchase_properties: {} },
    },
  ]);
});

test('batches hold a hundred events at most, and a full one does not wait', async () => {
  await using receiver = await Receiver.start();
  await using simulator = await telling(receiver);
  for (let start = 0; start < 4; start++) await post(simulator, { events: events(60) });
  await simulator.currents?.flush();
  expect(Math.max(...receiver.sizes)).toBe(100);
  expect(receiver.sizes.reduce((sum, size) => sum + size)).toBe(240);
  expect(simulator.currents?.counts()).toMatchObject({
    made: 240,
    sent: 240,
    byStatus: { 200: receiver.batches.length },
  });
});

test('some events lead to messages that are sent and opened, and types come that nobody knows', async () => {
  await using receiver = await Receiver.start();
  await using simulator = await telling(receiver, { messagePercent: 50, unknownEvery: 10 });
  await post(simulator, { events: events(60) });
  await simulator.currents?.flush();
  const types = new Set(receiver.batches.flat().map(({ event_type: type }) => type));
  expect([...types].toSorted()).toEqual([
    'users.behaviors.CustomEvent',
    'users.messages.email.Delivery',
    'users.messages.email.Open',
    'users.messages.email.Send',
    'users.messages.hologram.Glow',
  ]);
});

test('batches that arrived are told again now and then, with the same ids', async () => {
  await using receiver = await Receiver.start();
  await using simulator = await telling(receiver, { repeatPercent: 100 });
  await post(simulator, { events: events(5) });
  await simulator.currents?.flush();
  expect(receiver.batches[2]).toEqual(receiver.batches[1]);
  expect(simulator.currents?.counts()).toMatchObject({ made: 5, sent: 5, repeated: 5 });
});

test.for([500, 503, 429, 418, 'cut'] as const)('after %s a batch is told again until it arrives', async (answer) => {
  await using receiver = await Receiver.start(200, answer, answer);
  await using simulator = await telling(receiver);
  await post(simulator, { events: events(3) });
  await simulator.currents?.flush();
  expect(receiver.sizes).toEqual([0, 3, 3, 3]);
  expect(simulator.currents?.counts()).toMatchObject({ made: 3, sent: 3 });
});

test('after 400 each event is told alone, and one that is refused again is given up', async () => {
  await using receiver = await Receiver.start(200, 400, 200, 400);
  await using simulator = await telling(receiver);
  await post(simulator, { events: events(3) });
  await simulator.currents?.flush();
  expect(receiver.sizes).toEqual([0, 3, 1, 1, 1]);
  expect(simulator.currents?.counts()).toMatchObject({ made: 3, sent: 2, refused: 1 });
});

test('after 413 a batch is told in halves', async () => {
  await using receiver = await Receiver.start(200, 413);
  await using simulator = await telling(receiver);
  await post(simulator, { events: events(5) });
  await simulator.currents?.flush();
  expect(receiver.sizes).toEqual([0, 5, 3, 2]);
});

test.for([401, 403, 404])('after %i nothing more is told until it is enabled again', async (status) => {
  await using receiver = await Receiver.start(200, status);
  await using simulator = await telling(receiver);
  await post(simulator, { events: events(3) });
  await simulator.currents?.flush();
  await post(simulator, { events: events(2) });
  await simulator.currents?.flush();
  expect(simulator.currents?.enabled).toBe(false);
  expect(receiver.sizes).toEqual([0, 3]);
  simulator.currents?.enable();
  await simulator.currents?.flush();
  expect(receiver.sizes).toEqual([0, 3, 2]);
  expect(simulator.currents?.counts()).toMatchObject({ made: 5, sent: 2, lost: 3 });
});

test('what there is no room for is not told, and is counted', async () => {
  await using receiver = await Receiver.start();
  await using simulator = await telling(receiver, { maxWaiting: 10, maxBatch: 50 });
  await post(simulator, { events: events(30) });
  await simulator.currents?.flush();
  expect(simulator.currents?.counts()).toMatchObject({ made: 30, sent: 10, dropped: 20 });
});
