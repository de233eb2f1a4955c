import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Simulator, startSimulator, type TrackRequest } from '../../../src/simulator/simulator.ts';
import { Sending } from './sending.ts';

/** Has every request refused whole, without a name, that holds one of these users. */
function poison(simulator: Simulator, users: readonly string[], kind: 'bad_request' | 'too_large'): void {
  const isPoisoned = (request: TrackRequest): boolean => users.some((user) => request.users.has(`external_id:${user}`));
  simulator.failBy((request) => (isPoisoned(request) ? { kind } : undefined));
}

test.for([
  ['bad_request', 'rejected', 'Bad Request'],
  ['too_large', 'too_large', 'Request entity too large'],
] as const)(
  'a request refused as a whole (%s) is halved until the culprit is alone',
  async ([kind, reason, detail]) => {
    await using simulator = await startSimulator();
    await using sending = new Sending(simulator);
    poison(simulator, ['c'], kind);
    expect(await sending.write(sending.events(['a', 'b', 'c', 'd']))).toEqual([
      { kind: 'delivered', attempts: 2 },
      { kind: 'delivered', attempts: 2 },
      { kind: 'discarded', reason, detail, attempts: 3 },
      { kind: 'delivered', attempts: 3 },
    ]);
    expect(simulator.requests().map(({ objects }) => objects.events)).toEqual([4, 2, 2, 1, 1]);
    expect(sending.retried).toEqual(['split', 'split']);
  },
);

test('requests above the size that Braze takes are halved, and an event above it is given up', async () => {
  await using simulator = await startSimulator({ maxBodyBytes: 500 });
  await using sending = new Sending(simulator);
  const small = sending.events(['a', 'b', 'c', 'd', 'e']);
  const large = sending.events(['f'], { properties: { text: 'x'.repeat(500) } });
  const outcomes = await sending.write([...small.slice(0, 2), ...large, ...small.slice(2)]);
  expect(outcomes.map(({ kind }) => kind)).toEqual([
    'delivered',
    'delivered',
    'discarded',
    'delivered',
    'delivered',
    'delivered',
  ]);
  expect(outcomes[2]).toMatchObject({ reason: 'too_large', detail: 'Request entity too large' });
  expect(simulator.counts().accepted.events).toBe(5);
});

test('an event that is too large for a Braze that answers 400 to it is rejected', async () => {
  await using simulator = await startSimulator({ maxBodyBytes: 200, tooLargeStatus: 400 });
  await using sending = new Sending(simulator);
  const large = sending.events(['a'], { properties: { text: 'x'.repeat(500) } });
  expect(await sending.write(large)).toMatchObject([{ kind: 'discarded', reason: 'rejected', attempts: 1 }]);
});

test('a request with more events than this Braze takes is halved', async () => {
  await using simulator = await startSimulator({ objectLimit: 'combined50' });
  await using sending = new Sending(simulator);
  const outcomes = await sending.write(sending.events(Array.from({ length: 75 }, String)));
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 75 }, () => 'delivered'));
  expect(simulator.requests().map(({ objects }) => objects.events)).toEqual([75, 38, 37]);
});

test('a 503 while a request is halved costs nothing', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  poison(simulator, ['b'], 'bad_request');
  simulator.failNext({ kind: 'status', status: 503 }, 3);
  const outcomes = await sending.write(sending.events(['a', 'b', 'c', 'd']));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'discarded', 'delivered', 'delivered']);
  expect(simulator.counts().accepted.events).toBe(3);
});

test('when the engine stops amid a halved request, what is settled stays so and the rest is given back', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failBy(({ users }) => (users.has('external_id:d') && users.size === 2 ? { kind: 'stall' } : undefined));
  poison(simulator, ['d'], 'bad_request');
  const written = sending.write(sending.events(['a', 'b', 'c', 'd']));
  await simulator.waitFor(() => simulator.counts().requests === 3);
  sending.abort.abort();
  expect(await written).toEqual([
    { kind: 'delivered', attempts: 2 },
    { kind: 'delivered', attempts: 2 },
    { kind: 'returned' },
    { kind: 'returned' },
  ]);
});

test('whoever is poison alone is discarded, all others arrive once, and each user’s in order', async () => {
  const users = fc.constantFrom('a', 'b', 'c', 'd', 'bad', 'worse');
  await fc.assert(
    fc.asyncProperty(
      fc.array(users, { minLength: 1, maxLength: 75 }),
      fc.constantFrom('bad_request', 'too_large'),
      fc.boolean(),
      async (events, kind, alsoNamed) => {
        await using simulator = await startSimulator({
          applyDelayMs: 0,
          applicationOrder: 'any',
          blockedExternalIds: alsoNamed ? ['worse'] : [],
        });
        await using sending = new Sending(simulator);
        poison(simulator, ['bad'], kind);
        const outcomes = await sending.write(sending.events(events));
        await simulator.settled();

        const isRefused = (user: string): boolean => user === 'bad' || (alsoNamed && user === 'worse');
        expect(outcomes.map((outcome) => outcome.kind === 'discarded')).toEqual(events.map(isRefused));
        for (const user of ['a', 'b', 'c', 'd']) {
          const sent = [...events.keys()].filter((seq) => events[seq] === user);
          expect(simulator.eventsOf(user).map(({ properties }) => properties['seq'])).toEqual(sent);
        }
        expect(simulator.violations()).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});
