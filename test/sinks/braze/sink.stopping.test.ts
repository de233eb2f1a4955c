import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { forever, Sending } from './sending.ts';

const patient = { backoff: { firstMs: forever, maxMs: forever }, holdMs: forever };

test.for([
  [
    'waits for its turn after a failure',
    { backoff: { firstMs: forever, maxMs: forever } },
    { kind: 'status', status: 503 },
  ],
  ['sits out a pause', { maxPauseMs: forever }, { kind: 'rate_limited', seconds: 3_600 }],
  ['holds', patient, { kind: 'unauthorized' }],
] as const)('a request that %s when the engine stops is given back', async ([, pacing, fault]) => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { pacing });
  simulator.failNext(fault);
  const written = sending.write(sending.events(['a', 'b']));
  await vi.waitFor(() => expect(sending.retried.length).toBe(1), { timeout: 10_000 });
  sending.abort.abort();
  expect(await written).toEqual([{ kind: 'returned' }, { kind: 'returned' }]);
  expect(simulator.counts().requests).toBe(1);
});

test('an old event that waits to be tried again when the engine stops is given back', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, {
    pacing: { backoff: { firstMs: forever, maxMs: forever } },
    giveUpAfterMs: 1_000,
  });
  simulator.failNext({ kind: 'status', status: 503 });
  const written = sending.write(sending.events(['a'], { storedAt: 0 }));
  await vi.waitFor(() => expect(sending.retried.length).toBe(1), { timeout: 10_000 });
  sending.abort.abort();
  expect(await written).toEqual([{ kind: 'returned' }]);
});

test('a request under way when the engine stops is given back', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { giveUpAfterMs: 1_000 });
  simulator.failNext({ kind: 'stall' });
  const written = sending.write(sending.events(['a', 'b'], { storedAt: 0 }));
  await simulator.waitFor(() => simulator.counts().requests === 1);
  sending.abort.abort();
  expect(await written).toEqual([{ kind: 'returned' }, { kind: 'returned' }]);
  expect(sending).toMatchObject({ retried: [], holding: [] });
});

test('a request in line behind others when the engine stops is given back, and not sent', async () => {
  await using simulator = await startSimulator();
  await using first = new Sending(simulator, { pacing: patient });
  await using second = new Sending(simulator, { workspaces: first.workspaces });
  simulator.failNext({ kind: 'unauthorized' });
  const held = first.write(first.events(['a']));
  await vi.waitFor(() => expect(first.holding.length).toBe(1), { timeout: 10_000 });
  const inLine = second.write(second.events(['b']));
  second.abort.abort();
  expect(await inLine).toEqual([{ kind: 'returned' }]);
  first.abort.abort();
  expect(await held).toEqual([{ kind: 'returned' }]);
  expect(simulator.counts().requests).toBe(1);
});

test('nothing is sent once the engine has stopped', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  sending.abort.abort();
  expect(await sending.write(sending.events(['a']))).toEqual([{ kind: 'returned' }]);
  expect(simulator.counts().requests).toBe(0);
});

test('a stop while the sync holds does not look as if the key were good again', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'unauthorized' });
  simulator.failNext({ kind: 'stall' });
  const written = sending.write(sending.events(['a']));
  await simulator.waitFor(() => simulator.counts().requests === 2);
  sending.abort.abort();
  await written;
  expect(sending.holding).toEqual([expect.stringContaining('401')]);
});

test('others go on when the one that asks for all is stopped', async () => {
  await using simulator = await startSimulator();
  await using first = new Sending(simulator);
  await using second = new Sending(simulator, { workspaces: first.workspaces });
  simulator.failNext({ kind: 'unauthorized' });
  simulator.failNext({ kind: 'stall' });
  const stopped = first.write(first.events(['a']));
  await simulator.waitFor(() => simulator.counts().requests === 2);
  const follows = second.write(second.events(['b']));
  first.abort.abort();
  expect(await stopped).toEqual([{ kind: 'returned' }]);
  expect(await follows).toEqual([{ kind: 'delivered', attempts: 1 }]);
});

test('an outage leaves no more than one listener on the signal that ends it', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'status', status: 500 }, 20);
  simulator.failNext({ kind: 'rate_limited' }, 5);
  simulator.failNext({ kind: 'unauthorized' }, 5);
  simulator.failNext({ kind: 'reset' }, 5);
  await sending.write(sending.events(['a']));
  expect(getEventListeners(sending.abort.signal, 'abort').length).toBeLessThanOrEqual(1);
});
