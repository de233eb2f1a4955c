import * as fc from 'fast-check';
import { lastValueFrom, of, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { isRecord, ownValue } from '../../src/core/event.ts';
import type { FieldPath } from '../../src/core/reading.ts';
import { decode } from '../../src/operators/decode.ts';
import { mostly, name, text, unusual, written } from '../edited-json.ts';
import { RecordedMessage } from '../recorded-message.ts';

const type = mostly(fc.constantFrom('Purchase', 'Ajouté'), unusual);
const propertyNames = [
  'price',
  'plan',
  'é',
  'a.b',
  '',
  'longer than thirty-one character',
  'longer than thirty-one characters',
] as const;
const properties = mostly(
  fc.dictionary(fc.oneof(fc.constantFrom(...propertyNames, '__proto__'), name), mostly(fc.jsonValue(), unusual), {
    maxKeys: 4,
  }),
  unusual,
);
const event = fc
  .record(
    {
      event_type: type,
      user_id: mostly(fc.constantFrom('user-1', 'ключ-1', 'one of thirteen'), unusual),
      time: mostly(fc.constantFrom(1_759_000_000_000, -1.5e-7, 0), unusual),
      event_properties: properties,
      user_properties: properties,
      events: fc.array(fc.record({ event_type: type })),
    },
    { requiredKeys: [] },
  )
  .chain((one) =>
    fc.dictionary(name, mostly(fc.jsonValue(), unusual), { maxKeys: 3 }).map((others) => ({ ...others, ...one })),
  );
const events = fc.array(mostly(event, unusual), { maxLength: 3 });
const payload = written(
  fc.oneof(
    event,
    events,
    fc.record(
      { api_key: text, events: mostly(events, unusual), options: fc.jsonValue() },
      { requiredKeys: ['events'] },
    ),
    fc.record({ api_key: text, events, user_properties: properties, event_type: type }, { requiredKeys: ['api_key'] }),
    unusual,
  ),
);
const path = fc.oneof(
  fc.constantFrom<FieldPath>(['user_id'], ['time'], ['event_properties'], ['user_properties'], ['events'], ['']),
  fc
    .tuple(
      fc.constantFrom('event_properties', 'user_properties', 'user_id'),
      fc.constantFrom(...propertyNames, 'absent'),
    )
    .map((both): FieldPath => both),
);

test('events have the fields that are asked for as the parser has them, and all else comes to the same', async () => {
  let partly = 0;
  await fc.assert(
    fc.asyncProperty(payload, fc.array(path, { maxLength: 4 }), async (bytes, paths) => {
      const [whole, read] = [await decoded(bytes), await decoded(bytes, paths)];
      expect(read.expected).toEqual(whole.expected);
      expect(read.settled).toEqual(whole.settled);
      expect(read.events.map(({ index }) => index)).toEqual(whole.events.map(({ index }) => index));
      expect(read.events.map(({ value }) => asked(value, paths))).toEqual(
        whole.events.map(({ value }) => asked(value, paths)),
      );
      if (
        JSON.stringify(read.events.map(({ value }) => value)) !== JSON.stringify(whole.events.map(({ value }) => value))
      )
        partly++;
    }),
    { numRuns: 3_000 },
  );
  expect(partly).toBeGreaterThan(100);
});

test.each([
  ['of a request without its first brace', '"events":[]}'],
  ['of a request that names its events twice', '{"events":[{"event_type":"a"}],"events":[{"event_type":"b"}]}'],
  ['of a request that has a type', '{"events":[{"event_type":"a"}],"event_type":"b"}'],
  ['of a request that has properties of a user', '{"events":[{"event_type":"a"}],"user_properties":{}}'],
  ['of a request without events', '{"api_key":"k"}'],
  ['of a request whose events are no list', '{"events":{"event_type":"a"}}'],
  ['of a request with its events at the end', '{"options":{},"api_key":"k","events":[{"event_type":"a"}]}'],
  [
    'of an event with fields twice',
    '{"event_type":"a","user_id":1,"event_properties":{"price":1},"event_properties":{},"user_id":2}',
  ],
  ['of an event that names a field with an escape', '{"event_type":"a","user\\u005fid":"u"}'],
  ['of an event that names a property with an escape', '{"event_type":"a","event_properties":{"pr\\u0069ce":1}}'],
  ['of an event that nests deep', `{"event_type":"a","user_id":${'['.repeat(500)}${']'.repeat(500)}}`],
  ['with a mark of its byte order', '\uFEFF{"event_type":"a"}'],
  ['with blanks', ' [ { "event_type" : "a" , "user_id" :\n1 } , { } ]\t'],
  ['of nothing', ''],
])('a payload %s comes to what it comes to parsed', async (_, json) => {
  const paths: readonly FieldPath[] = [['user_id'], ['event_properties', 'price']];
  const [whole, read] = [await decoded(Buffer.from(json)), await decoded(Buffer.from(json), paths)];
  expect({ ...read, events: read.events.map(({ value }) => asked(value, paths)) }).toEqual({
    ...whole,
    events: whole.events.map(({ value }) => asked(value, paths)),
  });
});

test.each([
  ['that bytes stand for that are no UTF-8', ['\uFFFD'], '{"event_type":"a","\u00ff":1}'],
  ['that is no text by itself', ['\uD800'], '{"event_type":"a","\u00ef\u00bf\u00bd":1}'],
  ['of the prototype', ['__proto__'], '{"event_type":"a","__proto__":{"b":1}}'],
  ['in the prototype', ['__proto__', 'b'], '{"event_type":"a","__proto__":{"b":1}}'],
] as const)('a field %s is what it is to the parser', async (_, path: FieldPath, bytes) => {
  const payload = Buffer.from(bytes, 'latin1');
  const [whole, read] = [await decoded(payload), await decoded(payload, [path])];
  expect(read.events.map(({ value }) => asked(value, [path]))).toEqual(
    whole.events.map(({ value }) => asked(value, [path])),
  );
});

async function decoded(bytes: Buffer, paths?: readonly FieldPath[]) {
  const message = new RecordedMessage(bytes);
  const envelopes = await lastValueFrom(of(message).pipe(decode(paths), toArray()));
  const events = envelopes.map(({ value, index }) => ({ value, index }));
  return { events, expected: message.expected, settled: message.settled };
}

/** What was asked for of an event, each path with its value. */
function asked(event: Readonly<Record<string, unknown>>, paths: readonly FieldPath[]): readonly unknown[] {
  if (typeof event['event_type'] !== 'string') return [event];
  return [['event_type'], ...paths].map(([field = '', below]) => {
    const value = ownValue(event, field);
    return below === undefined || !isRecord(value) ? value : ownValue(value, below);
  });
}
