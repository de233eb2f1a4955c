import { expect, test, vi } from 'vitest';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { forever, type Script, ScriptedBraze, Sending } from './sending.ts';

test('while a key is revoked the sync holds and says so without the key; once it is back all is delivered', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.revokeKey();
  const written = sending.write(sending.events(['a', 'b']));
  await simulator.waitFor(() => simulator.counts().requests >= 4);
  expect(sending.holding).toEqual(['Braze answered 401: Invalid API key: [the API key]']);
  simulator.restoreKey();
  const outcomes = await written;
  expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
  expect(sending.holding).toEqual(['Braze answered 401: Invalid API key: [the API key]', null]);
  expect(new Set(sending.retried)).toEqual(new Set(['held']));
  expect(simulator.counts().accepted.events).toBe(2);
});

test.for<[number, string | undefined, string]>([
  [403, '{"message":"no permission"}', 'Braze answered 403: no permission'],
  [404, '<html>', 'Braze answered 404'],
  [415, undefined, 'Braze answered 415'],
  [302, undefined, 'Braze answered 302'],
])('a %d holds, and drops nothing', async ([status, body, reason]) => {
  const answer: Script = { status, ...(body === undefined ? {} : { body }) };
  await using braze = await ScriptedBraze.start(answer, answer);
  await using sending = new Sending(braze);
  expect(await sending.write(sending.events(['a', 'b']))).toEqual([
    { kind: 'delivered', attempts: 3 },
    { kind: 'delivered', attempts: 3 },
  ]);
  expect(sending.holding).toEqual([reason, null]);
});

test('an outage while the sync holds does not look as if the key were good again', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'forbidden' });
  simulator.failNext({ kind: 'status', status: 503 });
  simulator.failNext({ kind: 'reset' });
  simulator.failNext({ kind: 'forbidden' });
  await sending.write(sending.events(['a']));
  expect(sending.answered).toEqual([403, 503, 'failed', 403, 201]);
  expect(sending.holding).toEqual([expect.stringContaining('403'), null]);
});

test('a 429 shows that the key is good', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'unauthorized' });
  simulator.failNext({ kind: 'rate_limited' });
  simulator.failNext({ kind: 'status', status: 503 });
  await sending.write(sending.events(['a']));
  expect(sending.holding).toEqual([expect.stringContaining('401'), null]);
});

test('while requests are held, one asks for all', async () => {
  await using simulator = await startSimulator({ latencyMs: 3 });
  await using sending = new Sending(simulator);
  const openBefore: number[] = [];
  simulator.failBy(() => {
    openBefore.push(simulator.requests().filter(({ outcome }) => outcome === 'open').length);
    return undefined;
  });
  simulator.failNext({ kind: 'unauthorized' }, 8);
  const first = sending.write(sending.events(['a']));
  await vi.waitFor(() => expect(sending.holding.length).toBe(1), { timeout: 10_000 });
  const others = ['b', 'c', 'd'].map((user) => sending.write(sending.events([user])));
  const outcomes = (await Promise.all([first, ...others])).flat();
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'delivered'));
  // Each request that was refused, and the first that was accepted, was the only one under way.
  expect(openBefore.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 0));
});

test('syncs that share a workspace hold together', async () => {
  await using simulator = await startSimulator();
  await using first = new Sending(simulator);
  await using second = new Sending(simulator, { workspaces: first.workspaces });
  simulator.revokeKey();
  const written = first.write(first.events(['a']));
  await vi.waitFor(() => expect(second.holding).toEqual([expect.stringContaining('401')]), { timeout: 10_000 });
  simulator.restoreKey();
  await written;
  expect(second.holding).toEqual([expect.stringContaining('401'), null]);
});

test('how long the sync held does not make it slower after it', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { pacing: { backoff: { firstMs: 1, maxMs: forever }, holdMs: 1 } });
  simulator.failNext({ kind: 'unauthorized' }, 25);
  simulator.failNext({ kind: 'status', status: 503 });
  expect(await sending.write(sending.events(['a']))).toEqual([{ kind: 'delivered', attempts: 27 }]);
});
