import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, post } from './support.ts';

const start = Date.parse('2026-05-01T10:15:00.000Z');
const nextHour = Date.parse('2026-05-01T11:00:00.000Z');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start });
});

afterEach(() => {
  vi.useRealTimers();
});

const body = { events: [event()] };

test('more requests in three seconds than the burst allows are a 429', async () => {
  await using simulator = await startSimulator({ burst: { requests: 2, perMs: 3000 } });
  expect((await post(simulator, body)).status).toBe(201);
  vi.setSystemTime(start + 2000);
  expect((await post(simulator, body)).status).toBe(201);
  vi.setSystemTime(start + 2999);
  expect((await post(simulator, body)).status).toBe(429);
  vi.setSystemTime(start + 3000);
  expect((await post(simulator, body)).status).toBe(201);
  expect((await post(simulator, body)).status).toBe(429);
});

test('more requests in an hour than allowed are a 429 until the clock hour ends', async () => {
  await using simulator = await startSimulator({ hourly: 1, burst: null });
  expect((await post(simulator, body)).status).toBe(201);
  vi.setSystemTime(nextHour - 1);
  expect((await post(simulator, body)).status).toBe(429);
  vi.setSystemTime(nextHour);
  expect((await post(simulator, body)).status).toBe(201);
});

test('limits change while the simulator runs', async () => {
  await using simulator = await startSimulator();
  await post(simulator, body);
  simulator.set({ burst: { requests: 1, perMs: 3000 } });
  expect((await post(simulator, body)).status).toBe(429);
  simulator.set({ burst: null });
  expect((await post(simulator, body)).status).toBe(201);
});

test('a 429 has no effect on data', async () => {
  await using simulator = await startSimulator({ burst: { requests: 1, perMs: 3000 }, applyDelayMs: 0 });
  await post(simulator, body);
  await post(simulator, body);
  expect(simulator.counts()).toMatchObject({ accepted: { events: 1 }, byStatus: { 201: 1, 429: 1 } });
  expect(simulator.eventsOf('u1')).toHaveLength(1);
});

test('in the epoch model each response has the three headers, and the reset is a time', async () => {
  await using simulator = await startSimulator({ hourly: 1, burst: null, headerModel: 'epoch' });
  const taken = await post(simulator, body);
  const refused = await post(simulator, body);
  for (const { headers } of [taken, refused]) {
    expect(headers.get('x-ratelimit-limit')).toBe('1');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.get('x-ratelimit-reset')).toBe(String(nextHour / 1000));
    expect(headers.has('x-ratelimit-retry-after')).toBe(false);
  }
  expect([taken.status, refused.status]).toEqual([201, 429]);
});

test('in the epoch model a 429 of the burst tells when the burst has room again', async () => {
  await using simulator = await startSimulator({ hourly: 1000, burst: { requests: 1, perMs: 3000 } });
  await post(simulator, body);
  const { headers } = await post(simulator, body);
  expect(headers.get('x-ratelimit-reset')).toBe(String(start / 1000 + 3));
});

test('in the MAU model the reset is the seconds that are left', async () => {
  await using simulator = await startSimulator({ hourly: 10, headerModel: 'mau' });
  const { headers } = await post(simulator, body);
  expect(headers.get('x-ratelimit-limit')).toBe('10');
  expect(headers.get('x-ratelimit-remaining')).toBe('9');
  expect(headers.get('x-ratelimit-reset')).toBe(String((nextHour - start) / 1000));
});

test('in the MAU model a 429 has only the seconds to wait', async () => {
  await using simulator = await startSimulator({ headerModel: 'mau', burst: { requests: 1, perMs: 3000 } });
  await post(simulator, body);
  vi.setSystemTime(start + 500);
  const { status, headers } = await post(simulator, body);
  expect(status).toBe(429);
  expect(headers.get('x-ratelimit-retry-after')).toBe('3');
  expect([...headers.keys()].filter((name) => /^x-ratelimit-(limit|remaining|reset)$/.test(name))).toEqual([]);
});

test('without a limit the headers stay at the default of other endpoints', async () => {
  await using simulator = await startSimulator({ burst: null });
  const { headers } = await post(simulator, body);
  expect(headers.get('x-ratelimit-limit')).toBe('250000');
  expect(headers.get('x-ratelimit-remaining')).toBe('250000');
});

test('the body of a 429 is JSON unless plain text is asked for', async () => {
  await using simulator = await startSimulator({ burst: { requests: 1, perMs: 3000 } });
  await post(simulator, body);
  expect((await post(simulator, body)).json()).toEqual({ message: expect.any(String) });
  simulator.set({ plainText429: true });
  const plain = await post(simulator, body);
  expect(plain.status).toBe(429);
  expect(() => plain.json()).toThrow(SyntaxError);
});

test('Retry-After is sent only when asked for', async () => {
  await using simulator = await startSimulator({ burst: { requests: 1, perMs: 3000 } });
  await post(simulator, body);
  expect((await post(simulator, body)).headers.has('retry-after')).toBe(false);
  simulator.set({ retryAfter: true });
  expect((await post(simulator, body)).headers.get('retry-after')).toBe('3');
});
