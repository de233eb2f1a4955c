import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { from, lastValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { discarded, type Outcome, returned } from '../../src/core/message.ts';
import { Metrics } from '../../src/metrics.ts';
import { memoryBucket } from '../../src/profiles/memory-bucket.ts';
import { compile } from '../../src/syncs/compile.ts';
import type { Sync } from '../../src/syncs/sync.ts';
import { needsUserStates, type UserStates, userStates } from '../../src/syncs/user-states.ts';
import { RecordedMessage } from '../recorded-message.ts';
import { RecordingSink } from './recording-sink.ts';
import { sampleSync } from './sample-sync.ts';

const json = fc.jsonValue({ maxDepth: 3 });

const properties = (...names: readonly string[]) =>
  fc.oneof(
    {
      arbitrary: fc.dictionary(
        fc.constantFrom(...names),
        fc.oneof(fc.constant('gold'), fc.record({ plan: fc.constant('gold'), b: json }), json),
      ),
      weight: 4,
    },
    { arbitrary: json, weight: 1 },
  );

/** Events as they come: mostly sound, often odd, now and then no events at all. */
const event = fc.oneof(
  { arbitrary: json, weight: 1 },
  {
    arbitrary: fc.record(
      {
        event_type: fc.oneof(
          { arbitrary: fc.constantFrom('Purchase', 'Song Played'), weight: 6 },
          fc.constantFrom('$identify', ''),
          fc.string(),
          json,
        ),
        user_id: fc.oneof(
          { arbitrary: fc.constantFrom('ada', 'bob', 'cyd'), weight: 3 },
          fc.constantFrom('(none)', ' ', null),
          fc.string(),
          json,
        ),
        time: fc.oneof(fc.integer(), fc.double(), json),
        event_time: fc.oneof(fc.constant('2026-01-31 09:00:00.000000'), json),
        event_properties: properties('price', 'plays', 'a.b', 'a', '__proto__'),
        user_properties: properties('plan', '$set', '$setOnce'),
        library: fc.oneof(fc.constant('Braze'), json),
      },
      { requiredKeys: [] },
    ),
    weight: 8,
  },
);

const payload = fc.oneof(
  { arbitrary: fc.oneof(event, fc.array(event), fc.record({ events: fc.array(event) })).map(bytesOf), weight: 8 },
  { arbitrary: fc.uint8Array(), weight: 1 },
  { arbitrary: fc.tuple(event.map(bytesOf), fc.nat()).map(([bytes, end]) => bytes.subarray(0, end)), weight: 1 },
);

function bytesOf(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const condition = fc.constantFrom(
  'true',
  'event_properties.price > 3',
  'event_type & user_id = "Purchaseada"',
  'event_properties.plays + user_id',
  '$exists($identifier)',
  '$error("no")',
  '$string(**)',
);

const named = [
  'event_properties.price',
  'event_properties.a.b',
  { from: 'user_properties.plan', as: 'plan' },
  { expr: 'event_properties.price * 2', as: 'twice' },
];
/** With these all of an event is read. */
const odd = [
  { from: 'event_properties.__proto__', as: '__proto__' },
  { expr: '$', as: 'all' },
];

const rule = fc.record({
  identifier: fc.record({ property: fc.constantFrom('user_id', 'device_id', 'user_properties.plan') }),
  events: fc.record(
    {
      send: fc.boolean(),
      select: fc.array(
        fc.oneof(
          fc.constantFrom('*', 'Purchase', 'Song Played'),
          fc.record({ event: fc.constantFrom('*', 'Purchase'), where: condition }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      filter: condition,
      properties: fc
        .tuple(fc.subarray(named), fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.subarray(odd)))
        .map((lists) => lists.flat()),
    },
    { requiredKeys: ['select'] },
  ),
  users: fc.record({ send: fc.boolean(), properties: fc.subarray(['plan', 'price', 'a.b']) }),
  batch: fc.record({ maxObjects: fc.integer({ min: 1, max: 5 }) }),
  delivery: fc.record({ concurrency: fc.integer({ min: 1, max: 4 }), order: fc.constantFrom('user', 'none') }),
});

/** What the sink says of an entry, by the length of its text. */
const answers: readonly Outcome[] = [
  { kind: 'delivered', attempts: 1 },
  { kind: 'delivered', attempts: 2 },
  discarded('rejected', 'refused', 1),
  returned,
];

test('whatever comes and whatever the rule, each event is settled once, after its message was counted', async () => {
  await fc.assert(
    fc.asyncProperty(
      rule,
      fc.array(payload, { maxLength: 12 }),
      fc.option(fc.nat({ max: 6 })),
      async (rule, payloads, abortAt) => {
        const sync = sampleSync(rule);
        const abort = new AbortController();
        let asked = 0;
        const outcomeOf = ({ bytes }: { readonly bytes: number }): Outcome => {
          if (asked++ === abortAt) abort.abort();
          return abort.signal.aborted ? returned : (answers[bytes % answers.length] ?? returned);
        };
        const sink = new RecordingSink(sync.destination, outcomeOf, { entries: 4, bytes: 600 });
        const pipeline = compile(sync, {
          sink,
          telemetry: new Metrics().of(sync.name),
          abort: abort.signal,
          ...(needsUserStates(sync) && { users: usersOf(sync) }),
        });
        const messages = payloads.map((payload) => new CountedMessage(payload));

        await lastValueFrom(pipeline(from(messages)), { defaultValue: undefined });
        // Users' states are written before their events are settled.
        await turn();
        for (const message of messages) {
          expect(message.expected).toHaveLength(1);
          expect(message.settledTooEarly).toBe(false);
          const indexes = message.settled.map(({ index }) => index).toSorted((a, b) => a - b);
          expect(indexes).toEqual(Array.from({ length: message.expected[0] ?? 0 }, (_, index) => index));
        }
        const accepted = messages.flatMap(({ outcomes }) => outcomes).filter(({ kind }) => kind === 'delivered');
        expect(sink.requests.flat().length).toBeGreaterThanOrEqual(accepted.length);
      },
    ),
    { numRuns: 300 },
  );
});

test('a rule makes the same of events whose other fields are passed over as of those that are parsed', async () => {
  /** For its sake all of an event is read. */
  const nothing = { expr: '$$ = 0 ? 1', as: 'nothing' };
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(rule, fc.array(payload, { maxLength: 6 }), async ({ identifier, events }, payloads) => {
      const { properties = [] } = events;
      const made = await madeOf({ identifier, events: { ...events, send: true } }, payloads);
      const whole = { ...events, send: true, properties: [...properties, nothing] };
      expect(made).toEqual(await madeOf({ identifier, events: whole }, payloads));
      sent += made.requests.flat().length;
    }),
    { numRuns: 1_000 },
  );
  expect(sent).toBeGreaterThan(100);
});

async function madeOf(rule: Readonly<Record<string, unknown>>, payloads: readonly Uint8Array[]) {
  const sync = sampleSync(rule);
  const sink = new RecordingSink(sync.destination);
  const messages = payloads.map((payload) => new RecordedMessage(payload));
  const abort = new AbortController().signal;
  const pipeline = compile(sync, { sink, telemetry: new Metrics().of(sync.name), abort });
  await lastValueFrom(pipeline(from(messages)), { defaultValue: undefined });
  return { requests: sink.requests, outcomes: messages.map(({ outcomes }) => outcomes) };
}

/** A message that knows whether it was counted before one of its events was settled. */
class CountedMessage extends RecordedMessage {
  settledTooEarly = false;

  override settle(outcome: Outcome, index: number): void {
    this.settledTooEarly ||= this.expected.length === 0;
    super.settle(outcome, index);
  }
}

function usersOf(sync: Sync): UserStates {
  return userStates(sync, {
    bucket: memoryBucket(),
    cacheSize: 100,
    streamMadeAt: 0,
    settledThrough: () => 0,
    abort: new AbortController().signal,
    onTrouble: () => undefined,
    onLeftOut: () => undefined,
    onFault: () => undefined,
  });
}
