import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { readEvents } from '../../src/gateway/events-endpoint.ts';
import { judgedFields } from '../../src/gateway/judged-fields.ts';
import { outlineOf } from '../../src/gateway/outline.ts';
import type { Project } from '../../src/gateway/projects.ts';
import { Refusal } from '../../src/gateway/refusal.ts';
import { StreamWriter } from '../../src/gateway/stream-writer.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { mostly, name, text, unusual, written } from '../edited-json.ts';

await using connection = await connectNats({ urls: [inject('natsUrl')] });
const writer = new StreamWriter(connection, { atomic: true, timeoutMs: 1_000 });
/** Read byte by byte, the second key is the third. */
const projects = new Map(
  ['key', 'clé', 'cl\u00c3\u00a9'].map((key, index): [string, Project] => {
    return [key, { writer, placing: { layout: 'event', prefix: `project${index}`, partitions: 16 } }];
  }),
);
const facts = { receivedAt: 1_760_000_000_000, address: '192.0.2.1' };

const event = fc
  .record(
    {
      event_type: mostly(fc.constantFrom('Purchase', 'Ajouté'), unusual),
      user_id: mostly(fc.constantFrom('user-1', 'ключ-1', 'anonymous'), unusual),
      device_id: mostly(fc.uuid(), unusual),
      insert_id: mostly(fc.uuid(), unusual),
      time: mostly(fc.constant(1_759_000_000_000), unusual),
      price: mostly(fc.double({ noNaN: true }), unusual),
      ip: fc.constantFrom('$remote', '198.51.100.1'),
      event_properties: mostly(fc.dictionary(text, fc.jsonValue()), unusual),
      groups: mostly(fc.dictionary(text, text), unusual),
      ['__proto__']: mostly(text, unusual),
    },
    { requiredKeys: ['event_type', 'user_id', 'event_properties'] },
  )
  .chain((one) =>
    fc.dictionary(name, mostly(fc.jsonValue(), unusual), { maxKeys: 3 }).map((others) => ({ ...others, ...one })),
  );
const request = fc.record(
  {
    client: mostly(fc.jsonValue(), unusual),
    api_key: fc.constantFrom('key', 'key', 'key', 'clé', 'cl\u00c3\u00a9', 'nobody'),
    events: mostly(fc.array(event, { minLength: 1, maxLength: 3 }), unusual),
    options: mostly(fc.constantFrom({}, { min_id_length: 2 }), unusual),
  },
  { requiredKeys: ['api_key', 'events'] },
);

const body = written(request)
  // What is not is refused before.
  .filter((bytes) => isUtf8(bytes))
  .map((bytes) => bytes.toString());

test('what an outline says is what the parser says', () => {
  let outlined = 0;
  fc.assert(
    fc.property(body, (json) => {
      const bytes = Buffer.from(json);
      const outline = outlineOf(bytes);
      if (outline === undefined) return;
      outlined++;
      const { request: told, spans } = outline;
      const parsed = JSON.parse(json) as Record<string, unknown>;
      expect([told['api_key'], told['options']]).toEqual([parsed['api_key'], parsed['options']]);
      const events = parsed['events'] as readonly Record<string, unknown>[];
      expect(told['events']).toEqual(events.map(judged));
      expect(spans.map(({ start, end }) => JSON.parse(bytes.toString('utf8', start, end)) as unknown)).toEqual(events);
    }),
    { numRuns: 1_000 },
  );
  expect(outlined).toBeGreaterThan(50);
});

test('a request that is outlined comes to what it comes to parsed', () => {
  let taken = 0;
  fc.assert(
    fc.property(body, (json) => {
      fc.pre(json.startsWith('{'));
      // A name that is written with an escape needs the parser.
      const parsed = `{"\\u0061":0,${json.slice(1)}`;
      expect(outlineOf(Buffer.from(parsed))).toBeUndefined();
      const outcome = outcomeOf(json);
      if (Array.isArray(outcome)) taken++;
      expect(outcome).toEqual(outcomeOf(parsed));
    }),
    { numRuns: 1_000 },
  );
  expect(taken).toBeGreaterThan(50);
});

test.each([
  [
    'of blanks everywhere',
    true,
    ' { "api_key" : "k" ,\n"events" : [ { "event_type" : "a" } ,\t{ "event_type" : "b" } ] } \r\n',
  ],
  ['of other fields', true, '{"events":[{"event_type":"a","é":[1,{"\\n":null}]}],"client":{"a":[]}}'],
  ['whose properties nest 40 deep', true, `{"events":[{"event_properties":${'{"a":'.repeat(39)}{}${'}'.repeat(39)}}]}`],
  ['whose properties nest deeper', false, `{"events":[{"event_properties":${'{"a":'.repeat(40)}{}${'}'.repeat(40)}}]}`],
  ['whose properties nest deeper by lists', false, `{"events":[{"groups":{"a":${'['.repeat(40)}${']'.repeat(40)}}}]}`],
  ['that names its events twice', false, '{"events":[{"event_type":"a"}],"events":[{"event_type":"b"}]}'],
  ['that names a field with an escape', false, '{"events":[{"event\\u005ftype":"a"}]}'],
  ['without events', false, '{"api_key":"k"}'],
  ['of no events', false, '{"api_key":"k","events":[]}'],
  ['of an event that is no object', false, '{"events":[7]}'],
  ['of 2,000 events', true, `{"events":[${'{},'.repeat(1_999)}{"a":1}]}`.replaceAll('{}', '{"a":1}')],
  ['of 2,001 events', false, `{"events":[${'{},'.repeat(2_000)}{"a":1}]}`.replaceAll('{}', '{"a":1}')],
  ['with a blank that JSON does not have', false, '{"events":[\f{"event_type":"a"}]}'],
  ['that breaks off', false, '{"events":[{"event_type":"a"}'],
  ['with something behind it', false, '{"events":[{"event_type":"a"}]}}'],
  ['of nothing', false, ''],
])('a request %s is outlined: %s', (_, expected, json) => {
  expect(outlineOf(Buffer.from(json)) !== undefined).toBe(expected);
});

/** The fields of an event that are judged, what is in them left out. */
function judged(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    judgedFields.map((field) => {
      const value = Object.hasOwn(event, field) ? event[field] : undefined;
      if (typeof value !== 'object' || value === null) return [field, value];
      return [field, Array.isArray(value) ? [] : {}];
    }),
  );
}

/** What goes to the stream, or how the request is refused. */
function outcomeOf(json: string): unknown {
  try {
    const { records } = readEvents(Buffer.from(json), facts, projects);
    // Written anew, 1.50 is 1.5.
    const written = (payload: Uint8Array): string => JSON.stringify(JSON.parse(Buffer.from(payload).toString()));
    return records.map(({ subject, id, payload }) => [subject, id, written(payload)]);
  } catch (error) {
    if (error instanceof Refusal) return error.body();
    throw error;
  }
}
