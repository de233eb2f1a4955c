import { expect, test } from 'vitest';
import { type Fault, startSimulator } from '../../../src/simulator/simulator.ts';
import { forever, Sending } from './sending.ts';

const users = Array.from({ length: 16 }, String);

test.for<Fault>([{ kind: 'status', status: 503 }, { kind: 'reset' }, { kind: 'lost', how: 'silence' }])(
  'in an outage (%o) sixteen requests that have to be sent again are asked about one by one',
  async (fault) => {
    await using simulator = await startSimulator();
    await using sending = new Sending(simulator, { timeouts: { totalTimeoutMs: 150 } });
    const openBefore: number[] = [];
    simulator.failBy(() => {
      openBefore.push(simulator.requests().filter(({ outcome }) => outcome === 'open').length);
      return openBefore.length <= 40 ? fault : undefined;
    });
    const written = users.map((user) => sending.write(sending.events([user])));
    const outcomes = (await Promise.all(written)).flat();
    expect(outcomes.map(({ kind }) => kind)).toEqual(users.map(() => 'delivered'));
    // The first sixteen left together, and five of them may have left again before it was an outage. After them each waited
    // for what became of the one before, of whose end the server may hear a little late.
    expect(Math.max(...openBefore.slice(21, 41))).toBeLessThanOrEqual(1);
    expect(sending.unreachable).toEqual([expect.any(String), ...sending.unreachable.slice(1, -1), null]);
    expect(sending.holding).toEqual([]);
  },
);

test('a failure now and then is no outage', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failBy(({ index }) => (index % 3 === 0 ? undefined : { kind: 'status', status: 502 }));
  for (let sent = 0; sent < 40; sent++) await sending.write(sending.events([String(sent)]));
  expect(sending.unreachable).toEqual([]);
});

test('what was under way when the outage was noticed does not make it last longer', async () => {
  await using simulator = await startSimulator();
  const pacing = { backoff: { firstMs: 40, maxMs: forever } };
  await using sending = new Sending(simulator, { pacing });
  // Were all of them counted, the last pause would be 40 ms, doubled ten times.
  simulator.failNext({ kind: 'reset' }, 16);
  const outcomes = await Promise.all(users.map((user) => sending.write(sending.events([user]))));
  expect(outcomes.flat()).toEqual(users.map(() => ({ kind: 'delivered', attempts: 2 })));
});

test('syncs that share a workspace go through an outage together', async () => {
  await using simulator = await startSimulator();
  await using first = new Sending(simulator);
  await using second = new Sending(simulator, { workspaces: first.workspaces });
  simulator.failNext({ kind: 'status', status: 503 }, 8);
  await first.write(first.events(['a']));
  expect(second.unreachable).toEqual(['Braze answered 503', null]);
});

test('a stop that cuts requests off does not look like an outage to others', async () => {
  await using simulator = await startSimulator();
  await using first = new Sending(simulator);
  await using second = new Sending(simulator, { workspaces: first.workspaces });
  simulator.failNext({ kind: 'stall' }, users.length);
  const cutOff = users.map((user) => first.write(first.events([user])));
  await simulator.waitFor(() => simulator.counts().requests === users.length);
  first.abort.abort();
  await Promise.all(cutOff);
  expect(await second.write(second.events(['b']))).toEqual([{ kind: 'delivered', attempts: 1 }]);
  expect(second.unreachable).toEqual([]);
});

test('an endpoint that answers again is used by all at once', async () => {
  await using simulator = await startSimulator({ latencyMs: 20 });
  await using sending = new Sending(simulator);
  let most = 0;
  simulator.failBy(({ index }) => {
    if (index > 40) most = Math.max(most, simulator.requests().filter(({ outcome }) => outcome === 'open').length);
    return index < 40 ? { kind: 'status', status: 500 } : undefined;
  });
  await Promise.all(users.map((user) => sending.write(sending.events([user]))));
  expect(most).toBeGreaterThan(8);
});
