import * as fc from 'fast-check';
import { from, lastValueFrom, map, of, Subject, tap, throwError, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { discarded, filtered, type Outcome } from '../../src/core/message.ts';
import { decode } from '../../src/operators/decode.ts';
import { jsonMessage, RecordedMessage } from '../recorded-message.ts';
import { marbles } from './marbles.ts';

/** The events of a message, with what became of the others. */
async function decoded(message: RecordedMessage) {
  const envelopes = await lastValueFrom(of(message).pipe(decode(), toArray()));
  return {
    events: envelopes.map(({ value }) => value),
    indexes: envelopes.map(({ index }) => index),
    expected: message.expected,
    settled: message.settled,
  };
}

const named = (name: string) => ({ event_type: name, user_id: 'u-1' });
const posted = { event_type: 'Purchase', user_id: 'u-1', time: 1_769_850_000_000, event_properties: { price: 2 } };
const exported = { event_type: 'Purchase', user_id: 'u-1', event_time: '2026-01-31 09:00:00.000000', uuid: 'x' };
const identifyCall = { user_id: 'u-1', user_properties: { $set: { plan: 'gold' } } };

test.each([
  ['an event as posted', posted],
  ['an event as exported', exported],
  ['a call of the Identify API', identifyCall],
  ['an event that has a field named events', { ...posted, events: [exported] }],
  ['a call of the Identify API that has a field named events', { ...identifyCall, events: [exported] }],
])('%s is one event', async (_, value) => {
  expect(await decoded(jsonMessage(value))).toEqual({ events: [value], indexes: [0], expected: [1], settled: [] });
});

test.each([
  ['a list', [posted, identifyCall, exported]],
  ['a body of the HTTP API', { api_key: 'k', events: [posted, identifyCall, exported] }],
])('%s holds its events, in order', async (_, value) => {
  expect(await decoded(jsonMessage(value))).toEqual({
    events: [posted, identifyCall, exported],
    indexes: [0, 1, 2],
    expected: [3],
    settled: [],
  });
});

test.each([
  ['a list', []],
  ['a body', { events: [] }],
])('%s of no events says so, and nothing is settled', async (_, value) => {
  expect(await decoded(jsonMessage(value))).toEqual({ events: [], indexes: [], expected: [0], settled: [] });
});

test('of a list the parts that are no events are discarded, and the others go on', async () => {
  const message = jsonMessage([posted, null, { user_id: 'u-1' }, exported]);
  const { events, indexes, expected } = await decoded(message);
  expect({ events, indexes, expected }).toEqual({ events: [posted, exported], indexes: [0, 3], expected: [4] });
  expect(message.settled).toEqual([
    { index: 1, outcome: discarded('invalid_event', 'an event is a JSON object, not null') },
    { index: 2, outcome: discarded('invalid_event', 'the event has no event_type and is no identify call') },
  ]);
});

test.each([
  ['null', 'null', 'invalid_event', 'an event is a JSON object, not null'],
  ['text', '"secret"', 'invalid_event', 'an event is a JSON object, not a string'],
  ['a number', '42', 'invalid_event', 'an event is a JSON object, not a number'],
  ['a list in a list', '[["secret"]]', 'invalid_event', 'an event is a JSON object, not an array'],
  ['an object', '{"a":"secret"}', 'invalid_event', 'the event has no event_type and is no identify call'],
  ['a blank type', '{"event_type":""}', 'invalid_event', 'the event has no event_type and is no identify call'],
  [
    'a type that is no text',
    '{"event_type":7}',
    'invalid_event',
    'the event has no event_type and is no identify call',
  ],
  [
    'a body whose events are no list',
    '{"events":{}}',
    'invalid_event',
    'the event has no event_type and is no identify call',
  ],
  ['nothing', '', 'invalid_json', 'the message is empty'],
  ['blanks', ' \n', 'invalid_json', 'the payload is not JSON'],
  ['plain text', 'secret', 'invalid_json', 'the payload is not JSON'],
  [
    'JSON that is cut off',
    '{"event_type":"secret',
    'invalid_json',
    'the payload is not JSON: it breaks off at position 21',
  ],
  ['two values', '{"event_type":"a"} {}', 'invalid_json', 'the payload is not JSON: it breaks off at position 19'],
  ['text like the words of a parser', 'x at position 4242', 'invalid_json', 'the payload is not JSON'],
  ['a byte order mark', '\uFEFF{"event_type":"a"}', 'invalid_json', 'the payload is not JSON'],
] as const)('%s is discarded', async (_, payload, reason, detail) => {
  const { events, expected, settled } = await decoded(new RecordedMessage(payload));
  expect(events).toEqual([]);
  expect(expected).toEqual([1]);
  expect(settled).toEqual([{ index: 0, outcome: discarded(reason, detail) }]);
});

describe('bytes that are not UTF-8', () => {
  test('outside of text are no JSON', async () => {
    const { settled } = await decoded(new RecordedMessage(Uint8Array.of(0xff, 0xfe, 0x7b)));
    expect(settled).toEqual([{ index: 0, outcome: discarded('invalid_json', 'the payload is not JSON') }]);
  });

  test('inside of text are read as the replacement character', async () => {
    const payload = Buffer.concat([Buffer.from('{"event_type":"a'), Uint8Array.of(0xff), Buffer.from('"}')]);
    expect((await decoded(new RecordedMessage(payload))).events).toEqual([{ event_type: 'a\uFFFD' }]);
  });
});

test('an event with 5,000 nested levels goes on', async () => {
  const { events } = await decoded(
    new RecordedMessage(`{"event_type":"Deep","event_properties":{"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`),
  );
  expect(events).toMatchObject([{ event_type: 'Deep' }]);
});

test('an event of a megabyte goes on whole', async () => {
  const event = { event_type: 'Large', event_properties: { text: 'ä'.repeat(500_000) } };
  expect((await decoded(jsonMessage(event))).events).toEqual([event]);
});

test('a payload that is a part of a larger buffer is read alone', async () => {
  const bytes = Buffer.from(`garbage{"event_type":"a"}garbage`);
  const { events } = await decoded(new RecordedMessage(bytes.subarray(7, -7)));
  expect(events).toEqual([{ event_type: 'a' }]);
});

test('whatever a payload holds, its events are counted once, and the bad ones settled once, without its text', async () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const events = fc.array(fc.oneof(fc.constant(posted), json));
  const payload = fc.oneof(
    fc
      .oneof(
        json,
        events,
        events.map((events) => ({ events })),
      )
      .map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(payload, async (payload) => {
      const { indexes, expected, settled } = await decoded(new RecordedMessage(payload));
      expect(expected).toHaveLength(1);
      const all = [...indexes, ...settled.map(({ index }) => index)].toSorted((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: expected[0] ?? 0 }, (_, index) => index));
      for (const { outcome } of settled) expect(details).toContainEqual(outcome);
    }),
  );
});

test.each([
  ['lists', posted, [posted, exported]],
  ['bodies', { events: [posted, exported] }, { events: [exported, posted] }],
])('of %s it is known at once how many events they hold', (_, first, then) => {
  const source = new Subject<RecordedMessage>();
  source.pipe(decode()).subscribe();
  for (const message of [jsonMessage(first), jsonMessage(then), jsonMessage(then)]) {
    source.next(message);
    expect(message.expected).toHaveLength(1);
  }
});

test('what the source hands out while an event is emitted stands behind what came before', async () => {
  const source = new Subject<RecordedMessage>();
  const order: string[] = [];
  const events = lastValueFrom(
    source.pipe(
      decode(),
      tap(({ value }) => {
        order.push(String(value['event_type']));
        if (value['event_type'] === 'a') source.next(jsonMessage([named('d'), named('e')]));
        if (value['event_type'] === 'd') source.complete();
      }),
    ),
  );
  source.next(jsonMessage(named('first')));
  for (const name of ['a', 'b', 'c']) source.next(jsonMessage(named(name)));
  await events;
  expect(order).toEqual(['first', 'a', 'b', 'c', 'd', 'e']);
});

test('messages that come without a pause are decoded in their order, whatever is among them', async () => {
  const payload = fc.oneof(
    fc.constant(JSON.stringify(posted)),
    fc.constant(JSON.stringify([posted, exported])),
    fc.constantFrom('', '{"event_type":"a"},{"event_type":"b"}', '{"event_type":"a"', '"b"}', '[]', 'null'),
    // By itself, and more than fits with others.
    fc.constantFrom(9_000, 4_000).map((length) => JSON.stringify({ ...posted, city: 'ö'.repeat(length / 2) })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 150 }), async (payloads) => {
      const messages = payloads.map((text) => new RecordedMessage(text));
      const together = await lastValueFrom(from(messages).pipe(decode(), toArray()));
      const alone = await Promise.all(payloads.map((text) => decoded(new RecordedMessage(text))));
      expect(together.map(({ value }) => value)).toEqual(alone.flatMap(({ events }) => events));
      expect(together.map(({ message, index }) => [message, index])).toEqual(
        alone.flatMap(({ indexes }, place) => indexes.map((index) => [messages[place], index])),
      );
      expect(messages.map(({ expected, settled }) => ({ expected, settled }))).toEqual(
        alone.map(({ expected, settled }) => ({ expected, settled })),
      );
    }),
    { numRuns: 50 },
  );
});

/** All that can be said of a payload that is no event: fixed words, in which only a position and a kind of value vary. */
const details: readonly Outcome[] = [
  discarded('invalid_json', 'the message is empty'),
  discarded('invalid_json', expect.stringMatching(/^the payload is not JSON(: it breaks off at position \d+)?$/)),
  discarded(
    'invalid_event',
    expect.stringMatching(/^an event is a JSON object, not (null|an array|a (string|number|boolean))$/),
  ),
  discarded('invalid_event', 'the event has no event_type and is no identify call'),
];

test('events leave in the moment in which their message comes', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable }) => {
    const source = hot('-a-b-c-|', {
      a: jsonMessage([posted, exported]),
      b: jsonMessage(null),
      c: jsonMessage(posted),
    });
    const events = source.pipe(
      decode(),
      map(({ value }) => value),
    );
    expectObservable(events).toBe('-(pe)c-|', { p: posted, e: exported, c: posted });
  });
});

test('an error of the source is passed on, and the end of the subscription is the end of its own', async () => {
  await expect(lastValueFrom(throwError(() => new Error('broken')).pipe(decode()))).rejects.toThrow('broken');
  const source = new Subject<RecordedMessage>();
  const message = jsonMessage(posted);
  const subscription = source.pipe(decode()).subscribe((envelope) => envelope.settle(filtered));
  subscription.unsubscribe();
  source.next(message);
  expect(source.observed).toBe(false);
  expect(message.settled).toEqual([]);
});
