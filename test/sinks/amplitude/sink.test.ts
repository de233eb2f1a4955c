import { expect, test } from 'vitest';
import { type AmplitudeSimulator, startAmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';
import { Sending } from './sending.ts';

const delivered = (attempts: number) => ({ kind: 'delivered', attempts });
const people = ['user-a', 'user-b', 'user-c', 'user-d'];

function stored(simulator: AmplitudeSimulator): unknown[] {
  return simulator.events().map(({ event }) => event['user_id']);
}

test.for(['httpapi', 'batch'] as const)('events reach Amplitude by %s, in order and with their fields', async (api) => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator, { config: { api } });
  expect(await sending.write(sending.events(people))).toEqual(people.map(() => delivered(1)));
  expect(stored(simulator)).toEqual(people);
  expect(simulator.events()[0]?.event).toEqual({
    user_id: 'user-a',
    insert_id: 'i0',
    event_type: '[Appboy] Email Open',
    time: Date.parse('2026-03-01T10:00:00Z'),
    event_properties: { seq: 0 },
  });
});

test('what a 400 names is discarded with its fields, and the others are sent again', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  const good = sending.events(people);
  const short = sending.events(['u1'], { insert_id: 'short' });
  const nobody = sending.events(['unknown'], { insert_id: 'nobody', device_id: 'none' });
  const outcomes = await sending.write([...good.slice(0, 2), ...short, ...nobody, ...good.slice(2)]);
  expect(outcomes).toEqual([
    delivered(2),
    delivered(2),
    { kind: 'discarded', reason: 'rejected', detail: 'too short: user_id', attempts: 1 },
    { kind: 'discarded', reason: 'rejected', detail: 'invalid user_id; invalid device_id', attempts: 1 },
    delivered(2),
    delivered(2),
  ]);
  expect(stored(simulator)).toEqual(people);
});

test('HTTP V2 names one bad event of a kind at a time; all of them are found', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  const outcomes = await sending.write(sending.events(['u1', 'user-b', 'u3', 'user-d']));
  expect(outcomes.map(({ kind }) => kind)).toEqual(['discarded', 'delivered', 'discarded', 'delivered']);
  expect(sending.answered).toEqual([400, 400, 200]);
});

test('ids that Amplitude finds short are taken if the rule says so', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator, { config: { minIdLength: 1 } });
  expect(await sending.write(sending.events(['u1']))).toEqual([delivered(1)]);
});

test.for([
  ['bad_request', 'rejected', 'Invalid request'],
  ['too_large', 'too_large', 'Payload too large'],
] as const)(
  'a request refused as a whole (%s) is halved until the culprit is alone',
  async ([kind, reason, detail]) => {
    await using simulator = await startAmplitudeSimulator();
    await using sending = new Sending(simulator);
    simulator.failBy(({ events }) => (JSON.stringify(events).includes('user-c') ? { kind } : undefined));
    expect(await sending.write(sending.events(people))).toEqual([
      delivered(2),
      delivered(2),
      { kind: 'discarded', reason, detail, attempts: 3 },
      delivered(3),
    ]);
    expect(sending.retried).toEqual(['split', 'split']);
  },
);

test('only those wait who are throttled; the others are sent at once', async () => {
  await using simulator = await startAmplitudeSimulator({
    throttle: { httpapi: { eventsPerSecond: 2, windowMs: 1_000 }, batch: { eventsPerSecond: 2, windowMs: 1_000 } },
  });
  await using sending = new Sending(simulator, { pacing: { maxPauseMs: 60 } });
  await sending.write(sending.events(['user-b', 'user-b']));
  const outcomes = await sending.write(sending.events(people, { device_id: undefined, session_id: -1 }));
  expect(outcomes.map(({ kind }) => kind)).toEqual(people.map(() => 'delivered'));
  expect(outcomes[0]).toEqual(delivered(2));
  expect(outcomes[1]).not.toEqual(delivered(2));
  expect(stored(simulator).slice(2)).toEqual([
    'user-a',
    'user-c',
    'user-d',
    ...(stored(simulator).slice(5) as string[]),
  ]);
  expect(new Set(sending.retried)).toEqual(new Set(['rate_limited']));
});

test('who is over the daily quota is given up, and nobody else', async () => {
  await using simulator = await startAmplitudeSimulator({ dailyQuota: 1 });
  await using sending = new Sending(simulator);
  const outcomes = await sending.write(sending.events(['user-a', 'user-b', 'user-b']));
  expect(outcomes).toMatchObject([
    delivered(2),
    { kind: 'discarded', reason: 'rejected', detail: 'the user or device is over its daily quota' },
    { kind: 'discarded', reason: 'rejected' },
  ]);
});

test('the events of a silenced device are given up', async () => {
  await using simulator = await startAmplitudeSimulator({ silencedDevices: ['device-1'] });
  await using sending = new Sending(simulator);
  const outcomes = await sending.write([
    ...sending.events(['user-a']),
    ...sending.events(['user-b'], { device_id: 'device-1', insert_id: 'x' }),
  ]);
  expect(outcomes).toMatchObject([delivered(2), { kind: 'discarded', detail: 'the device is silenced' }]);
});

test('a 429 that names nobody pauses all that goes to the project', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'rate_limited' }, 2);
  expect(await sending.write(sending.events(people))).toEqual(people.map(() => delivered(3)));
  expect(sending.retried).toEqual(['rate_limited', 'rate_limited']);
});

test.for([
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502, body: 'empty' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 504 },
  { kind: 'reset' },
  { kind: 'lost' },
  { kind: 'lost', how: 'silence' },
] as const)('after %j everything is sent again and stored once', async (fault) => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator, { timeouts: { totalTimeoutMs: 300 } });
  simulator.failNext(fault);
  expect(await sending.write(sending.events(people))).toEqual(people.map(() => delivered(2)));
  expect(stored(simulator)).toEqual(people);
  expect(sending.retried).toEqual(['unavailable']);
});

test('a 200 whose body breaks off stands', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'truncated' });
  expect(await sending.write(sending.events(people))).toEqual(people.map(() => delivered(1)));
});

test('an unknown key is held, never repeated in words, and drops nothing', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  simulator.revokeKeys();
  const writing = sending.write(sending.events(people));
  await simulator.waitFor(() => simulator.counts().requests >= 2);
  simulator.restoreKeys();
  expect((await writing).map(({ kind }) => kind)).toEqual(people.map(() => 'delivered'));
  expect(sending.holding).toEqual(['Amplitude answered 400: Invalid API key: [the API key]', null]);
});

test('a 403 of the firewall is held', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'forbidden' });
  await sending.write(sending.events(people));
  expect(sending.holding).toEqual(['Amplitude answered 403: Forbidden', null]);
});

test('a throttled event that is too old is given up', async () => {
  await using simulator = await startAmplitudeSimulator({
    throttle: { httpapi: { eventsPerSecond: 1, windowMs: 3_600_000 }, batch: { eventsPerSecond: 1, windowMs: 1_000 } },
    dailyQuota: null,
  });
  await using sending = new Sending(simulator, { giveUpAfterMs: 20 });
  simulator.set({
    throttle: { httpapi: { eventsPerSecond: 0, windowMs: 1_000 }, batch: { eventsPerSecond: 0, windowMs: 1 } },
  });
  const [outcome] = await sending.write(sending.events(['user-a']));
  expect(outcome).toMatchObject({
    kind: 'discarded',
    reason: 'expired',
    detail: expect.stringContaining('asked to wait'),
  });
});

test('what is not settled at a stop is given back', async () => {
  await using simulator = await startAmplitudeSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'stall' });
  const writing = sending.write(sending.events(people));
  await simulator.waitFor(() => simulator.counts().requests === 1);
  sending.abort.abort();
  expect(await writing).toEqual(people.map(() => ({ kind: 'returned' })));
});
