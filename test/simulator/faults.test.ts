import { expect, test } from 'vitest';
import { type Fault, startSimulator } from '../../src/simulator/simulator.ts';
import { event, events, post } from './support.ts';

const body = { events: [event()] };

test.each([500, 502, 503, 504] as const)(
  'a %i comes with HTML or with nothing, and processes nothing',
  async (status) => {
    await using simulator = await startSimulator();
    simulator.failNext({ kind: 'status', status });
    simulator.failNext({ kind: 'status', status, body: 'empty' });
    const html = await post(simulator, body);
    const empty = await post(simulator, body);
    expect([html.status, empty.status]).toEqual([status, status]);
    expect(html.headers.get('content-type')).toBe('text/html');
    expect(html.text).toContain(`<h1>${status} `);
    expect(empty.text).toBe('');
    expect(simulator.counts()).toMatchObject({ accepted: { events: 0 }, byStatus: { [status]: 2 } });
    expect((await post(simulator, body)).status).toBe(201);
  },
);

test('a reset before processing leaves nothing behind', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'reset' });
  await expect(post(simulator, body)).rejects.toThrow('fetch failed');
  expect(simulator.counts()).toMatchObject({ requests: 1, accepted: { events: 0 }, byStatus: { none: 1 } });
  expect(simulator.requests()).toMatchObject([{ outcome: 'reset', status: undefined, fault: 'reset' }]);
});

test('a response lost by a reset was processed, so that a retry makes a duplicate', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  simulator.failNext({ kind: 'lost' });
  await expect(post(simulator, body)).rejects.toThrow('fetch failed');
  expect((await post(simulator, body)).status).toBe(201);
  expect(simulator.eventsOf('u1')).toHaveLength(2);
  expect(simulator.requests()).toMatchObject([
    { outcome: 'reset', status: undefined, accepted: { events: 1 } },
    { outcome: 'answered', status: 201, accepted: { events: 1 } },
  ]);
});

test('a response lost in silence was processed, and the client has to give up', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  simulator.failNext({ kind: 'lost', how: 'silence' });
  const giveUp = new AbortController();
  const silent = post(simulator, body, { signal: giveUp.signal });
  await simulator.waitFor(() => simulator.counts().accepted.events === 1);
  expect(simulator.requests()).toMatchObject([{ outcome: 'open' }]);
  giveUp.abort();
  await expect(silent).rejects.toThrow('aborted');
  await simulator.waitFor(() => simulator.requests()[0]?.outcome === 'abandoned');
  expect(simulator.eventsOf('u1')).toHaveLength(1);
});

test('a stalled request waits until it is released, and is processed only then', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'stall' }, 2);
  const stalled = [post(simulator, body), post(simulator, body)];
  await simulator.waitFor(() => simulator.counts().requests === 2);
  expect((await post(simulator, body)).status).toBe(201);
  expect(simulator.counts().accepted.events).toBe(1);
  simulator.release();
  const replies = await Promise.all(stalled);
  expect(replies.map(({ status }) => status)).toEqual([201, 201]);
  expect(simulator.counts().accepted.events).toBe(3);
});

test('a stalled request of a client that gave up is never processed', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'stall' });
  const giveUp = new AbortController();
  const stalled = post(simulator, body, { signal: giveUp.signal });
  await simulator.waitFor(() => simulator.counts().requests === 1);
  giveUp.abort();
  await expect(stalled).rejects.toThrow('aborted');
  await simulator.settled();
  simulator.release();
  expect(simulator.counts()).toMatchObject({ accepted: { events: 0 }, byStatus: { none: 1 } });
});

test('a slow request is processed at once and answered later', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'slow', ms: 300 });
  let answered = false;
  const slow = post(simulator, body).then((reply) => {
    answered = true;
    return reply;
  });
  await simulator.waitFor(() => simulator.counts().accepted.events === 1);
  expect(answered).toBe(false);
  expect((await slow).status).toBe(201);
});

test('a truncated answer is a 201 whose JSON does not end', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'truncated' });
  const reply = await post(simulator, body);
  expect(reply.status).toBe(201);
  expect(reply.text).toMatch(/^\{"message"/);
  expect(() => reply.json()).toThrow(SyntaxError);
  expect(simulator.counts().accepted.events).toBe(1);
});

test('a storm of 429 speaks in the header model in force', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'rate_limited', seconds: 30 }, 3);
  const before = Math.floor(Date.now() / 1000);
  const epoch = await post(simulator, body);
  simulator.set({ headerModel: 'mau' });
  const mau = await post(simulator, body);
  simulator.set({ plainText429: true });
  const plain = await post(simulator, body);
  expect([epoch.status, mau.status, plain.status]).toEqual([429, 429, 429]);
  expect(Number(epoch.headers.get('x-ratelimit-reset'))).toBeGreaterThanOrEqual(before + 30);
  expect(epoch.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(mau.headers.get('x-ratelimit-retry-after')).toBe('30');
  expect(mau.headers.has('x-ratelimit-reset')).toBe(false);
  expect(() => plain.json()).toThrow(SyntaxError);
  expect((await post(simulator, body)).status).toBe(201);
  expect(simulator.counts()).toMatchObject({ accepted: { events: 1 }, byStatus: { 429: 3 } });
});

test('a 429 may be no JSON for this once', async () => {
  await using simulator = await startSimulator();
  simulator.failNext({ kind: 'rate_limited', body: 'text' });
  expect((await post(simulator, body)).text).toBe('Too Many Requests');
});

test.each([
  [{ kind: 'bad_request' }, 400],
  [{ kind: 'unauthorized' }, 401],
  [{ kind: 'forbidden' }, 403],
  [{ kind: 'too_large' }, 413],
] satisfies [Fault, number][])('%j is a %i that names no object and processes nothing', async (fault, status) => {
  await using simulator = await startSimulator();
  simulator.failNext(fault);
  const reply = await post(simulator, body);
  expect(reply.status).toBe(status);
  expect(reply.json()).toEqual({ message: expect.any(String) });
  expect(simulator.counts().accepted.events).toBe(0);
});

test('a plan decides by what is in a request', async () => {
  await using simulator = await startSimulator();
  simulator.failBy(({ index, objects, users }) => {
    if (users.has('external_id:poison')) return { kind: 'bad_request' };
    return index === 0 || objects.events > 2 ? { kind: 'status', status: 503 } : undefined;
  });
  const status = async (objects: readonly unknown[]) => (await post(simulator, { events: objects })).status;
  expect(await status(events(1))).toBe(503);
  expect(await status(events(2))).toBe(201);
  expect(await status(events(3))).toBe(503);
  expect(await status([...events(1), event({ external_id: 'poison' })])).toBe(400);
});

test('faults at random befall their part of the requests, the same part each time', async () => {
  const run = async (): Promise<readonly number[]> => {
    await using simulator = await startSimulator();
    simulator.failAtRandom({ fault: { kind: 'status', status: 500 }, rate: 0.5, seed: 7 });
    const statuses: number[] = [];
    for (let sent = 0; sent < 40; sent++) statuses.push((await post(simulator, body)).status);
    return statuses;
  };
  const first = await run();
  expect(first.filter((status) => status === 500).length).toBeGreaterThan(10);
  expect(first.filter((status) => status === 201).length).toBeGreaterThan(10);
  expect(await run()).toEqual(first);
});

test('faults end when they are cleared', async () => {
  await using simulator = await startSimulator();
  const fault: Fault = { kind: 'status', status: 500 };
  simulator.failNext(fault, 100);
  simulator.failAtRandom({ fault, rate: 1 });
  simulator.failBy(() => fault);
  expect((await post(simulator, body)).status).toBe(500);
  simulator.clearFaults();
  expect((await post(simulator, body)).status).toBe(201);
});

test('responses come in the order that their latencies give', async () => {
  await using simulator = await startSimulator({ latencyMs: ({ users }) => (users.has('external_id:slow') ? 300 : 0) });
  const order: string[] = [];
  const send = async (user: string) => {
    await post(simulator, { events: [event({ external_id: user })] });
    order.push(user);
  };
  const slow = send('slow');
  await simulator.waitFor(() => simulator.counts().requests === 1);
  await Promise.all([slow, send('quick')]);
  expect(order).toEqual(['quick', 'slow']);
});

test('a client that goes away while it waits is noted', async () => {
  await using simulator = await startSimulator({ latencyMs: 5000 });
  const giveUp = new AbortController();
  const reply = post(simulator, body, { signal: giveUp.signal });
  await simulator.waitFor(() => simulator.counts().requests === 1);
  giveUp.abort();
  await expect(reply).rejects.toThrow('aborted');
  await simulator.settled();
  expect(simulator.requests()).toMatchObject([{ outcome: 'abandoned', accepted: { events: 1 } }]);
});
