/** Payloads that nobody should send: events bent out of shape, and texts and bytes that are none. */
import * as fc from 'fast-check';

type Text = fc.Arbitrary<string>;

/** JSON texts of values, among them such as `JSON.stringify` never writes. */
const numbers = ['0', '-0', '1', '-1', '0.1', '1e999', '-1e999', '1e-999', '9007199254740993', '1'.repeat(400)];
const texts = [
  '""',
  '" "',
  '"(none)"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\u0000"',
  '"__proto__"',
  '"drop"',
  '"2026-13-45 99:99:99"',
];
const words = ['null', 'true', 'false', '{}', '[]', '[null]', '{"length":4294967295}', '{"toJSON":1}', '{"$gt":""}'];
const plain: Text = fc.constantFrom(...numbers, ...texts, ...words);
const deep: Text = fc
  .tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom(['[', ']'], ['{"a":', '}']))
  .map(([depth, [open = '', close = '']]) => `${open.repeat(depth)}1${close.repeat(depth)}`);
const long: Text = fc
  .integer({ min: 1_000, max: 200_000 })
  .map((length) => JSON.stringify('\u{1F600}x'.repeat(length / 4)));
const any: Text = fc.oneof(
  { weight: 12, arbitrary: plain },
  { weight: 4, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: long },
);

const inherited = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length', ''];
const properties = ['price', 'quantity', 'name', 'items', 'plan', 'points', ...inherited];
const operations = [
  '$set',
  '$setOnce',
  '$add',
  '$append',
  '$prepend',
  '$unset',
  '$preInsert',
  '$postInsert',
  '$remove',
  '$clearAll',
];
const fields = [
  'event_type',
  'user_id',
  'device_id',
  'amplitude_id',
  'time',
  'event_time',
  'event_properties',
  'user_properties',
];

/** An object, in which a name may stand twice. */
function object(names: readonly string[], value: Text, maxLength = 5): Text {
  return fc
    .array(fc.tuple(fc.constantFrom(...names), value), { maxLength })
    .map((members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`);
}

const eventProperties = fc.oneof(object(properties, any), any);
const userProperties = fc.oneof(
  object(properties, any),
  object(operations, fc.oneof(object(properties, any), any), 3),
  any,
);
const sane = fc
  .record({
    type: fc.constantFrom('Viewed', 'Purchase', '$identify', 'Other'),
    user: fc.integer({ min: 0, max: 9 }),
    event: eventProperties,
    properties: userProperties,
  })
  .map(
    ({ type, user, event, properties }) =>
      `"event_type":"${type}","user_id":"u-${user}","event_properties":${event},"user_properties":${properties}`,
  );
/** The fields of an event, then others of the same and other names, which count for more. */
const bent = fc
  .tuple(sane, object([...fields, ...inherited, 'groups', 'insert_id', 'events', '$skip_user_properties_sync'], any, 3))
  .map(([members, others]) => `{${members}${others === '{}' ? '}' : `,${others.slice(1)}`}`);
const event: Text = fc.oneof(
  { weight: 3, arbitrary: sane.map((members) => `{${members}}`) },
  { weight: 3, arbitrary: bent },
);
const events = fc.array(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: any }), { maxLength: 30 });

const json: Text = fc.oneof(
  { weight: 10, arbitrary: event },
  { weight: 1, arbitrary: events.map((many) => `[${many.join(' , ')}]`) },
  { weight: 1, arbitrary: events.map((many) => `{"api_key":"k","events":[${many.join()}]}`) },
  { weight: 1, arbitrary: any },
);

/** Bytes of a payload: JSON, JSON that was damaged, or anything. */
export const hostilePayload: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 10, arbitrary: json.map((text) => Buffer.from(text)) },
  {
    weight: 2,
    arbitrary: fc.tuple(json, fc.double({ min: 0, max: 1, noNaN: true })).map(([text, share]) => cut(text, share)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(json, fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([text, share, bytes]) => splice(text, share, bytes)),
  },
  { weight: 1, arbitrary: json.map((text) => Buffer.from(`\uFEFF${text}`)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }) },
);

function cut(text: string, share: number): Uint8Array {
  const bytes = Buffer.from(text);
  return bytes.subarray(0, Math.floor(bytes.length * share));
}

function splice(text: string, share: number, inserted: Uint8Array): Uint8Array {
  const bytes = Buffer.from(text);
  const at = Math.floor(bytes.length * share);
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}
