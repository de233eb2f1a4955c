import { expect, test } from 'vitest';
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { attributes, event, post } from './support.ts';

/** The names of a user's events as they were applied, after 20 requests that each waited for the one before. */
async function oneAfterAnother(options: SimulatorOptions): Promise<readonly string[]> {
  await using simulator = await startSimulator(options);
  for (let index = 0; index < 20; index++) await post(simulator, { events: [event({ name: `e${index}` })] });
  await simulator.settled();
  return simulator.eventsOf('u1').map(({ name }) => name);
}

const sent = Array.from({ length: 20 }, (_, index) => `e${index}`);

test('requests are applied as they were accepted', async () => {
  expect(await oneAfterAnother({})).toEqual(sent);
});

test('requests may be applied in any order, as Braze says', async () => {
  const applied = await oneAfterAnother({ applicationOrder: 'any', applyDelayMs: [0, 200] });
  expect(applied).not.toEqual(sent);
  expect(applied.toSorted()).toEqual(sent.toSorted());
});

test('with overlapping order a client that waits for each answer sees no disorder', async () => {
  expect(await oneAfterAnother({ applicationOrder: 'overlapping' })).toEqual(sent);
});

test('with overlapping order requests in flight together are shuffled', async () => {
  await using simulator = await startSimulator({ applicationOrder: 'overlapping' });
  simulator.failNext({ kind: 'stall' }, sent.length);
  const replies = sent.map((name) => post(simulator, { events: [event({ name })] }));
  await simulator.waitFor(() => simulator.counts().requests === sent.length);
  simulator.release();
  await Promise.all(replies);
  await simulator.settled();
  const accepted = simulator.acceptedEvents().map(({ name }) => name);
  const applied = simulator.eventsOf('u1').map(({ name }) => name);
  expect(applied).not.toEqual(accepted);
  expect(applied.toSorted()).toEqual(sent.toSorted());
});

test('with a delay of nothing objects are applied before the answer', async () => {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  await post(simulator, { attributes: [attributes()] });
  expect(simulator.profile('u1')?.attributes).toEqual({ plan: 'free' });
});
