/** A 403 that is meant for one body: a firewall in front of Braze dislikes it. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.ts';
import { Sending } from './sending.ts';

/** Has every request answered 403 that holds one of these users. */
function firewall(simulator: Simulator, ...users: readonly string[]): void {
  simulator.failBy((request) =>
    users.some((user) => request.users.has(`external_id:${user}`)) ? { kind: 'forbidden' } : undefined,
  );
}

/** Keeps sending events of a harmless user until told to end. */
function traffic(sending: Sending): () => Promise<number> {
  let ended = false;
  const run = async (): Promise<number> => {
    let accepted = 0;
    for (; !ended; accepted++) await sending.write(sending.events(['harmless']));
    return accepted;
  };
  const running = run();
  return () => {
    ended = true;
    return running;
  };
}

const blamed = {
  kind: 'discarded',
  reason: 'rejected',
  detail: expect.stringMatching(/^Braze answered 403: .*, while it accepted other requests$/),
};

test('an event that is refused while others are accepted is found by halving and discarded', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  firewall(simulator, 'c');
  const end = traffic(sending);
  const outcomes = await sending.write(sending.events(['a', 'b', 'c', 'd', 'e']));
  await end();
  expect(outcomes).toMatchObject([
    { kind: 'delivered' },
    { kind: 'delivered' },
    blamed,
    { kind: 'delivered' },
    { kind: 'delivered' },
  ]);
  expect(simulator.eventsOf('c')).toEqual([]);
});

test('the others are held up once, by the first refusal, and not by those that follow', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { pacing: { backoff: { firstMs: 40, maxMs: 40 } } });
  firewall(simulator, 'c');
  const end = traffic(sending);
  await sending.write(sending.events(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']));
  await end();
  expect(sending.answered.filter((status) => status === 403).length).toBeGreaterThan(4);
  expect(sending.holding.length).toBeLessThanOrEqual(4);
  expect(sending.holding.at(-1)).toBeNull();
});

test('several such events in one request are all found', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'bad', 'c'), { minLength: 1, maxLength: 40 }),
      async (events) => {
        await using simulator = await startSimulator();
        await using sending = new Sending(simulator);
        firewall(simulator, 'bad');
        const end = traffic(sending);
        const outcomes = await sending.write(sending.events(events));
        await end();
        expect(outcomes.map(({ kind }) => kind)).toEqual(
          events.map((user) => (user === 'bad' ? 'discarded' : 'delivered')),
        );
      },
    ),
    { numRuns: 15 },
  );
});

test.for(['forbidden', 'unauthorized'] as const)(
  'while the key itself is refused (%s) nothing is discarded, however long, and all is delivered after it',
  async (kind) => {
    await using simulator = await startSimulator();
    await using sending = new Sending(simulator);
    await sending.write(sending.events(['before']));
    simulator.failNext({ kind }, 60);
    const written = ['a', 'b', 'c'].map((user) => sending.write(sending.events([user, `${user}2`])));
    const outcomes = (await Promise.all(written)).flat();
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array.from({ length: 6 }, () => 'delivered'));
    expect(sending.retried).not.toContain('split');
  },
);

test('a key that is refused and taken by turns costs no event', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failBy(({ index }) => (index < 60 && index % 2 === 0 ? { kind: 'unauthorized' } : undefined));
  const written = Array.from({ length: 8 }, (_, user) => sending.write(sending.events([String(user)])));
  const outcomes = (await Promise.all(written)).flat();
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 8 }, () => 'delivered'));
});

test('an event that is refused and has nobody beside it to compare with is held', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  await sending.write(sending.events(['before']));
  firewall(simulator, 'c');
  const written = sending.write(sending.events(['c']));
  await simulator.waitFor(() => simulator.counts().requests > 20);
  expect(sending.holding).toEqual([expect.stringContaining('403')]);
  sending.abort.abort();
  expect(await written).toEqual([{ kind: 'returned' }]);
});
