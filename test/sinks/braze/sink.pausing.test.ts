import { expect, test } from 'vitest';
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
  await expect.poll(() => sending.retried).toEqual(['rate_limited']);
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
