import { expect, test, vi } from 'vitest';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { forever, type Script, ScriptedBraze, Sending } from './sending.ts';

const headerModels = ['epoch', 'mau'] as const;

test.for(headerModels)('a 429 is waited out and the request sent again, headers %s', async (headerModel) => {
  await using simulator = await startSimulator({ headerModel });
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'rate_limited' });
  simulator.failNext({ kind: 'rate_limited', body: 'text' });
  expect(await sending.write(sending.events(['a', 'b']))).toEqual([
    { kind: 'delivered', attempts: 3 },
    { kind: 'delivered', attempts: 3 },
  ]);
  expect(sending).toMatchObject({ answered: [429, 429, 201], retried: ['rate_limited', 'rate_limited'], holding: [] });
  expect(simulator.counts().accepted.events).toBe(2);
});

test.for(headerModels)('no request is sent into a limit that Braze has told of, headers %s', async (headerModel) => {
  await using simulator = await startSimulator({ headerModel, burst: { requests: 3, perMs: 200 } });
  await using sending = new Sending(simulator, { pacing: { maxPauseMs: forever } });
  const written = await Promise.all(
    ['a', 'b', 'c', 'd', 'e', 'f'].map((user) => sending.write(sending.events([user]))),
  );
  expect(written.flat().map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'delivered'));
  // Three were refused at first; one more may be, since times are told in whole milliseconds.
  expect(simulator.counts().byStatus).toMatchObject({ 201: 6 });
  expect(simulator.counts().byStatus['429']).toBeLessThanOrEqual(4);
});

test.concurrent.for(headerModels)(
  'two syncs that share a limit below the configured one meet few refusals, headers %s',
  async (headerModel) => {
    await using simulator = await startSimulator({ headerModel, burst: { requests: 90, perMs: 3_000 }, latencyMs: 5 });
    await using first = new Sending(simulator, { pacing: { maxPauseMs: forever } });
    await using second = new Sending(simulator, { pacing: { maxPauseMs: forever }, workspaces: first.workspaces });
    const send = async (sending: Sending): Promise<void> => {
      for (let sent = 0; sent < 15; sent++) await sending.write(sending.events(['a']));
    };
    // Sixteen requests in hand, as by default.
    await Promise.all([first, second].flatMap((sending) => Array.from({ length: 8 }, () => send(sending))));
    const { byStatus } = simulator.counts();
    expect(byStatus['201']).toBe(240);
    // The first time all in hand are refused. It would be so every three seconds, were nothing learned from it.
    expect(byStatus['429']).toBeGreaterThan(0);
    expect(byStatus['429']).toBeLessThanOrEqual(16 + 8);
  },
);

test.for<Record<string, string>>([
  {},
  { 'x-ratelimit-limit': '', 'x-ratelimit-remaining': '', 'x-ratelimit-reset': '' },
  { 'x-ratelimit-retry-after': 'soon', 'retry-after': 'later', 'x-ratelimit-reset': 'NaN' },
  { 'x-ratelimit-retry-after': '0' },
  { 'x-ratelimit-reset': '1000000001' },
])('a 429 that does not say how long to wait is waited out by backoff: %j', async (headers) => {
  await using braze = await ScriptedBraze.start({ status: 429, headers, body: '<html>' });
  await using sending = new Sending(braze, {
    pacing: { backoff: { firstMs: forever, maxMs: forever }, maxPauseMs: forever },
  });
  const written = sending.write(sending.events(['a']));
  await vi.waitFor(() => expect(sending.retried).toEqual(['rate_limited']), { timeout: 10_000 });
  sending.abort.abort();
  expect(await written).toEqual([{ kind: 'returned' }]);
  expect(braze.seen).toHaveLength(1);
});

test('a storm of 429 without headers is sat out', async () => {
  const answer: Script = { status: 429 };
  await using braze = await ScriptedBraze.start(answer, answer, answer);
  await using sending = new Sending(braze);
  expect(await sending.write(sending.events(['a']))).toEqual([{ kind: 'delivered', attempts: 4 }]);
});

test('a pause that is beyond all measure is cut short', async () => {
  const headers = { 'x-ratelimit-retry-after': '9'.repeat(400) };
  await using braze = await ScriptedBraze.start({ status: 429, headers });
  await using sending = new Sending(braze);
  expect(await sending.write(sending.events(['a']))).toEqual([{ kind: 'delivered', attempts: 2 }]);
});
