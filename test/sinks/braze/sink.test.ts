import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Outcome } from '../../../src/core/message.ts';
import { type Fault, startSimulator } from '../../../src/simulator/simulator.ts';
import { forever, type Script, ScriptedBraze, Sending } from './sending.ts';

function delivered(attempts: number): Outcome {
  return { kind: 'delivered', attempts };
}

function rejected(detail: unknown, attempts = 1): Outcome {
  return { kind: 'discarded', reason: 'rejected', detail: detail as string, attempts };
}

test('what Braze accepts is delivered, in one request', async () => {
  await using simulator = await startSimulator({ keepBodies: true });
  await using sending = new Sending(simulator);
  const entries = sending.events(['a', 'b', 'a']);
  expect(await sending.write(entries)).toEqual([delivered(1), delivered(1), delivered(1)]);
  expect(simulator.requests().map(({ body }) => body)).toEqual([
    { events: entries.map(({ json }) => JSON.parse(json) as unknown) },
  ]);
  expect(sending).toMatchObject({ answered: [201], retried: [], holding: [] });
});

test('a full request of 75 events is accepted', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  const outcomes = await sending.write(sending.events(Array.from({ length: sending.sink.limits.entries }, String)));
  expect(outcomes).toEqual(Array.from({ length: 75 }, () => delivered(1)));
  expect(simulator.counts()).toMatchObject({ requests: 1, accepted: { events: 75 } });
});

test('what Braze refuses in a request is discarded with its words, and the rest is delivered', async () => {
  await using simulator = await startSimulator({ blockedExternalIds: ['bad'] });
  await using sending = new Sending(simulator);
  expect(await sending.write(sending.events(['a', 'bad', 'b', 'bad']))).toEqual([
    delivered(1),
    rejected('BLACKLISTED_EXTERNAL_USER_ID'),
    delivered(1),
    rejected('BLACKLISTED_EXTERNAL_USER_ID'),
  ]);
  expect(simulator.counts()).toMatchObject({ requests: 1, accepted: { events: 2 } });
});

test('all that Braze says of one event is kept', async () => {
  await using simulator = await startSimulator({ blockedExternalIds: ['bad'], repeatErrors: true });
  await using sending = new Sending(simulator);
  expect(await sending.write(sending.events(['a', 'bad']))).toEqual([
    delivered(1),
    rejected('BLACKLISTED_EXTERNAL_USER_ID; provided external_id is blacklisted and disallowed'),
  ]);
});

test('a 400 that names all is the end of all, and nothing is sent again', async () => {
  await using simulator = await startSimulator({ blockedExternalIds: ['bad'] });
  await using sending = new Sending(simulator);
  expect(await sending.write(sending.events(['bad', 'bad']))).toEqual([
    rejected('BLACKLISTED_EXTERNAL_USER_ID'),
    rejected('BLACKLISTED_EXTERNAL_USER_ID'),
  ]);
  expect(sending).toMatchObject({ answered: [400], retried: [] });
});

test('a 400 that names some has the others sent again, in their order', async () => {
  const errors = [{ type: 'BAD', input_array: 'events', index: 1 }];
  await using braze = await ScriptedBraze.start({ status: 400, body: JSON.stringify({ message: 'm', errors }) });
  await using sending = new Sending(braze);
  expect(await sending.write(sending.events(['a', 'b', 'c']))).toEqual([delivered(2), rejected('BAD'), delivered(2)]);
  expect(braze.seen).toMatchObject([
    { events: [{ external_id: 'a' }, { external_id: 'b' }, { external_id: 'c' }] },
    { events: [{ external_id: 'a' }, { external_id: 'c' }] },
  ]);
  expect(sending).toMatchObject({ answered: [400, 201], retried: ['split'] });
});

const faults: readonly (readonly [name: string, fault: Fault, accepted: number])[] = [
  ...([500, 502, 503, 504] as const).flatMap((status) => [
    [`${status} with HTML`, { kind: 'status', status, body: 'html' }, 1] as const,
    [`${status} without a body`, { kind: 'status', status, body: 'empty' }, 1] as const,
  ]),
  ['a reset before Braze has the request', { kind: 'reset' }, 1],
  ['a reset after Braze has it, so that it has it twice', { kind: 'lost', how: 'reset' }, 2],
  ['an answer that never comes, so that Braze has it twice', { kind: 'lost', how: 'silence' }, 2],
];

test.for(faults)('after %s the request is sent again', async ([, fault, accepted]) => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { timeouts: { totalTimeoutMs: 250 } });
  simulator.failNext(fault);
  expect(await sending.write(sending.events(['a', 'b']))).toEqual([delivered(2), delivered(2)]);
  expect(sending.answered).toEqual([fault.kind === 'status' ? fault.status : 'failed', 201]);
  expect(sending).toMatchObject({ retried: ['unavailable'], holding: [] });
  expect(simulator.counts().accepted.events).toBe(accepted * 2);
});

test('a long outage is sat out', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'status', status: 503 }, 40);
  expect(await sending.write(sending.events(['a']))).toEqual([delivered(41)]);
});

test('a 201 whose body breaks off is delivered, and not sent again', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator);
  simulator.failNext({ kind: 'truncated' });
  expect(await sending.write(sending.events(['a', 'b']))).toEqual([delivered(1), delivered(1)]);
  expect(simulator.counts()).toMatchObject({ requests: 1, accepted: { events: 2 } });
});

test.for<[string, Script]>([
  ['200', { status: 200, body: '{}' }],
  ['202, which means queued', { status: 202, body: '{"message":"queued"}' }],
  ['204', { status: 204 }],
  ['a 201 that is no JSON', { status: 201, body: 'ok' }],
])('%s is delivered', async ([, answer]) => {
  await using braze = await ScriptedBraze.start(answer);
  await using sending = new Sending(braze);
  expect(await sending.write(sending.events(['a']))).toEqual([delivered(1)]);
});

test('an endpoint where nobody listens is tried again until somebody does', async () => {
  const gone = await startSimulator();
  const { url, key } = gone;
  await gone.close();
  await using sending = new Sending({ url, key });
  const written = sending.write(sending.events(['a']));
  await vi.waitFor(() => expect(sending.answered.length).toBeGreaterThan(3), { timeout: 10_000 });
  await using simulator = await startSimulator({ port: Number(new URL(url).port) });
  expect(await written).toEqual([{ kind: 'delivered', attempts: sending.answered.length }]);
  expect(simulator.counts().accepted.events).toBe(1);
});

test('an old event is still tried once', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { giveUpAfterMs: 1_000 });
  expect(await sending.write(sending.events(['a'], { storedAt: 0 }))).toEqual([{ kind: 'delivered', attempts: 1 }]);
});

test.for([
  [{ kind: 'status', status: 503 }, /last: Braze answered 503$/],
  [{ kind: 'rate_limited' }, /last: Braze asked to wait$/],
  [{ kind: 'unauthorized' }, /last: Braze answered 401/],
  [{ kind: 'reset' }, /last: .*ECONNRESET/],
] as const)(
  'an old event is given up after a try that failed, and a younger one is not: %o',
  async ([fault, words]) => {
    await using simulator = await startSimulator();
    await using sending = new Sending(simulator, { giveUpAfterMs: forever });
    simulator.failNext(fault);
    const [old] = sending.events(['old'], { storedAt: 0 });
    const [young] = sending.events(['young']);
    expect(await sending.write([young, old, young].filter((entry) => entry !== undefined))).toEqual([
      { kind: 'delivered', attempts: 2 },
      { kind: 'discarded', reason: 'expired', detail: expect.stringMatching(words), attempts: 1 },
      { kind: 'delivered', attempts: 2 },
    ]);
    expect(simulator.requests().at(-1)).toMatchObject({ objects: { events: 2 } });
  },
);

test('an event that gets too old while Braze is down is given up', async () => {
  await using simulator = await startSimulator();
  await using sending = new Sending(simulator, { giveUpAfterMs: 50 });
  simulator.failAtRandom({ fault: { kind: 'status', status: 503 }, rate: 1 });
  const outcomes = await sending.write(sending.events(['a']));
  expect(outcomes).toMatchObject([{ kind: 'discarded', reason: 'expired', attempts: sending.answered.length }]);
});

const keys = fc.uuid();
const texts = (key: string) => fc.array(fc.oneof(fc.string(), fc.constant(key))).map((parts) => parts.join(''));

/** Answers of all kinds that are full of the key: as Braze words them, as JSON with escapes, as anything else. */
const leakyAnswers = keys.chain((key) => {
  const text = texts(key);
  const error = fc.record({
    type: text,
    input_array: fc.constantFrom('events', 'attributes'),
    index: fc.integer({ min: 0, max: 3 }),
  });
  const body = fc.record({ message: text, errors: fc.array(error) }, { requiredKeys: [] });
  const escaped = key.replaceAll(/./g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
  const written = fc.oneof(
    body.map((value) => JSON.stringify(value)),
    body.map((value) => JSON.stringify(value).replaceAll(key, escaped)),
    text,
  );
  const status = fc.oneof(
    fc.constantFrom(200, 201, 400, 401, 403, 404, 413, 415, 429),
    fc.integer({ min: 200, max: 599 }),
  );
  const headers = fc.constantFrom<Record<string, string>>({}, { 'x-ratelimit-reset': key, 'retry-after': key });
  return fc.record({
    key: fc.constant(key),
    answers: fc.array(fc.record({ status, headers, body: written }), { minLength: 1, maxLength: 4 }),
  });
});

test('whatever Braze answers, the key is in no outcome and in nothing that is told', async () => {
  await fc.assert(
    fc.asyncProperty(leakyAnswers, async ({ key, answers }) => {
      await using braze = await ScriptedBraze.start(...answers);
      await using sending = new Sending(braze, { config: { apiKey: key } });
      const outcomes = await sending.write(sending.events(['a', 'b', 'c']));
      expect(JSON.stringify([outcomes, sending.answered, sending.retried, sending.holding])).not.toContain(key);
    }),
  );
});
