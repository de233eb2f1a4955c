import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, post } from './support.ts';

const forUser = (user: string) => ({ events: [event({ external_id: user })] });

/** Sends all bodies so that all are in flight before the first is answered. */
async function together(simulator: Simulator, bodies: readonly unknown[]): Promise<readonly number[]> {
  simulator.failNext({ kind: 'stall' }, bodies.length);
  const before = simulator.counts().requests;
  const replies = bodies.map((body) => post(simulator, body));
  await simulator.waitFor(() => simulator.counts().requests === before + bodies.length);
  simulator.release();
  return (await Promise.all(replies)).map(({ status }) => status);
}

test('two requests in flight for one user are a violation, which is recorded and not rejected', async () => {
  await using simulator = await startSimulator();
  const statuses = await together(simulator, [
    { events: [event({ external_id: 'u1' }), event({ external_id: 'u2' })] },
    { attributes: [attributes({ external_id: 'u2' })], events: [event({ external_id: 'u3' })] },
  ]);
  expect(statuses).toEqual([201, 201]);
  expect(simulator.violations()).toEqual([
    {
      user: 'external_id:u2',
      earlier: { index: 0, receivedAt: expect.any(Number) },
      later: { index: 1, receivedAt: expect.any(Number) },
    },
  ]);
  expect(simulator.counts().violations).toBe(1);
});

test('each further request in flight is a violation against each one before it', async () => {
  await using simulator = await startSimulator();
  await together(simulator, [forUser('u1'), forUser('u1'), forUser('u1')]);
  const pairs = simulator.violations().map(({ earlier, later }) => `${earlier.index} and ${later.index}`);
  expect(pairs).toEqual(['0 and 1', '0 and 2', '1 and 2']);
});

test('requests for different users, or one after the other, are none', async () => {
  await using simulator = await startSimulator({ latencyMs: [0, 5] });
  const send = async (user: string) => {
    for (let sent = 0; sent < 30; sent++) await post(simulator, forUser(user));
  };
  await Promise.all(['u1', 'u2', 'u3', 'u4'].map(send));
  await simulator.settled();
  expect(simulator.violations()).toEqual([]);
});

test('a request that fails is in flight until its answer was sent', async () => {
  await using simulator = await startSimulator({ latencyMs: ({ index }) => (index === 0 ? 300 : 0) });
  simulator.failNext({ kind: 'status', status: 503 });
  const failing = post(simulator, forUser('u1'));
  await simulator.waitFor(() => simulator.counts().requests === 1);
  await post(simulator, forUser('u1'));
  expect((await failing).status).toBe(503);
  expect(simulator.counts().violations).toBe(1);
  await post(simulator, forUser('u1'));
  expect(simulator.counts().violations).toBe(1);
});

/** A connection on which requests are written by hand, so that nothing comes between one call and the next. */
async function connect(simulator: Simulator): Promise<Socket> {
  const socket = createConnection(Number(new URL(simulator.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function rawRequest(simulator: Simulator, user: string): string {
  const body = JSON.stringify(forUser(user));
  const head = [
    'POST /users/track HTTP/1.1',
    'host: localhost',
    `authorization: Bearer ${simulator.key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

test('a client that gave up and sends again at once is in its right', async () => {
  await using simulator = await startSimulator();
  for (let round = 0; round < 20; round++) {
    const [first, second] = await Promise.all([connect(simulator), connect(simulator)]);
    simulator.failNext({ kind: 'lost', how: 'silence' });
    first.write(rawRequest(simulator, 'u1'));
    await simulator.waitFor(() => simulator.counts().requests === 2 * round + 1);
    first.destroy();
    second.write(rawRequest(simulator, 'u1'));
    const [answer] = (await once(second, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 201 /);
    second.destroy();
  }
  await simulator.settled();
  expect(simulator.violations()).toEqual([]);
});

test('a client whose connection was reset and that sends again at once is in its right', async () => {
  await using simulator = await startSimulator();
  for (let round = 0; round < 20; round++) {
    simulator.failNext({ kind: round % 2 === 0 ? 'reset' : 'lost' });
    await expect(post(simulator, forUser('u1'))).rejects.toThrow('fetch failed');
    expect((await post(simulator, forUser('u1'))).status).toBe(201);
  }
  await simulator.settled();
  expect(simulator.violations()).toEqual([]);
});

test('a second request beside one that stalls is a violation', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'stall' });
  const stalled = post(simulator, forUser('u1'));
  await simulator.waitFor(() => simulator.counts().requests === 1);
  await post(simulator, forUser('u1'));
  await simulator.waitFor(() => simulator.counts().violations === 1);
  simulator.release();
  expect((await stalled).status).toBe(201);
});
