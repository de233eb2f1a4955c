import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Draft, Entry } from '../../../src/core/entry.ts';
import { type BrazeConfig, identifierTypes } from '../../../src/sinks/braze/config.ts';
import { trackBody } from '../../../src/sinks/braze/body.ts';
import { bodyLimits, encodeEvent } from '../../../src/sinks/braze/request.ts';

const external: BrazeConfig = {
  endpoint: 'http://127.0.0.1:4010',
  apiKey: 'key',
  identifierType: 'external_id',
  updateUsersOnly: false,
};
const alias: BrazeConfig = { ...external, identifierType: 'user_alias', userAliasLabel: 'amplitude_id' };

const draft: Draft = { identifier: 'u1', name: 'Purchase', time: '2026-03-01T10:00:00.000Z', properties: {} };

function encode(config: BrazeConfig, changes: Partial<Draft> = {}): Entry {
  return encodeEvent(config)({ ...draft, ...changes }, 7);
}

test.for<[string, BrazeConfig, string]>([
  ['an external id', external, '"external_id":"u1",'],
  ['a braze id', { ...external, identifierType: 'braze_id' }, '"braze_id":"u1",'],
  ['an e-mail address', { ...external, identifierType: 'email' }, '"email":"u1",'],
  ['an alias', alias, '"user_alias":{"alias_name":"u1","alias_label":"amplitude_id"},"_update_existing_only":false,'],
  [
    'an external id that must exist',
    { ...external, updateUsersOnly: true },
    '"external_id":"u1","_update_existing_only":true,',
  ],
  [
    'an e-mail address that must exist',
    { ...external, identifierType: 'email', updateUsersOnly: true },
    '"email":"u1","_update_existing_only":true,',
  ],
  [
    'an alias that must exist',
    { ...alias, updateUsersOnly: true },
    '"user_alias":{"alias_name":"u1","alias_label":"amplitude_id"},"_update_existing_only":true,',
  ],
  ['an app', { ...external, appId: 'app-"1"' }, String.raw`"external_id":"u1","app_id":"app-\"1\"",`],
  [
    'an app and an alias',
    { ...alias, appId: 'a' },
    '"user_alias":{"alias_name":"u1","alias_label":"amplitude_id"},"app_id":"a","_update_existing_only":false,',
  ],
])('the object of an event for %s', ([, config, head]) => {
  expect(encode(config).json).toBe(`{${head}"name":"Purchase","time":"2026-03-01T10:00:00.000Z"}`);
});

test('properties keep their JSON types and their order', () => {
  const properties = { price: 9.5, plays: 3, premium: true, tags: ['a', 1], nested: { a: { b: null } }, empty: '' };
  expect(encode(external, { properties }).json).toBe(
    '{"external_id":"u1","name":"Purchase","time":"2026-03-01T10:00:00.000Z","properties":' +
      '{"price":9.5,"plays":3,"premium":true,"tags":["a",1],"nested":{"a":{"b":null}},"empty":""}}',
  );
});

test.for([{}, { price: undefined }])('properties without a value are left out: %j', (properties) => {
  expect(encode(external, { properties }).json).not.toContain('properties');
});

test('an entry knows its user and when the stream stored it', () => {
  expect(encode(alias)).toMatchObject({ user: 'u1', storedAt: 7 });
});

test('quotes, controls and letters of all planes arrive as they are', () => {
  const text = 'a"b\\c\u0000\u001f\u2028\u00e9\u{1f600}';
  const entry = encode(alias, { identifier: text, name: text, properties: { [text]: text } });
  expect(JSON.parse(entry.json)).toMatchObject({
    user_alias: { alias_name: text },
    name: text,
    properties: { [text]: text },
  });
});

test('half of a surrogate pair is escaped, so that the body is UTF-8 all the same', () => {
  const entry = encode(external, { identifier: 'u\ud83d', name: '\ude00', properties: { '\udbff': 'a\ud800b' } });
  expect(entry.json).toContain(String.raw`"external_id":"u\ud83d","name":"\ude00"`);
  expect(entry.json).toContain(String.raw`{"\udbff":"a\ud800b"}`);
  expect(Buffer.from(entry.json).toString()).toBe(entry.json);
  expect(entry.bytes).toBe(Buffer.from(entry.json).length);
});

test('a property named like what every object inherits is a property like any', () => {
  const properties = JSON.parse('{"__proto__":{"a":1},"constructor":"c","toJSON":"t"}') as Record<string, unknown>;
  expect(encode(external, { properties }).json).toContain('{"__proto__":{"a":1},"constructor":"c","toJSON":"t"}');
});

test('a property nested very deep is written, or is a RangeError: which of the two is up to the runtime', () => {
  const depth = 100_000;
  const written = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  let deep: unknown = [];
  for (let level = 1; level < depth; level++) deep = [deep];
  const attempt = (): string => {
    try {
      return encode(external, { properties: { deep } }).json;
    } catch (error) {
      return error instanceof RangeError ? 'RangeError' : String(error);
    }
  };
  expect(['RangeError', encode(external).json.replace(/\}$/, `,"properties":{"deep":${written}}}`)]).toContain(
    attempt(),
  );
});

test('a body holds the entries as they were serialised, and no others', () => {
  const [one, two] = [encode(external), encode(external, { identifier: 'u2' })];
  expect(trackBody([one]).body).toBe(`{"events":[${one.json}]}`);
  expect(trackBody([one, two]).body).toBe(`{"events":[${one.json},${two.json}]}`);
});

const text = fc.string({ unit: 'binary' });
const drafts = fc.record({
  identifier: text,
  name: text,
  time: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  properties: fc.dictionary(text, fc.jsonValue({ stringUnit: 'binary' })),
});
const configs = fc
  .tuple(fc.constantFrom(...identifierTypes), text, fc.option(text, { nil: undefined }), fc.boolean())
  .map(([identifierType, label, appId, updateUsersOnly]): BrazeConfig => ({
    ...external,
    identifierType,
    updateUsersOnly,
    ...(appId === undefined ? {} : { appId }),
    ...(identifierType === 'user_alias' ? { userAliasLabel: label } : {}),
  }));

test('whatever an event holds, its object says that and is counted to the byte', () => {
  fc.assert(
    fc.property(configs, drafts, (config, { identifier, name, time, properties }) => {
      const entry = encodeEvent(config)({ identifier, name, time, properties }, 0);
      expect(entry.bytes).toBe(Buffer.from(entry.json).length);
      const { identifierType, userAliasLabel, appId, updateUsersOnly } = config;
      const isAlias = identifierType === 'user_alias';
      // Through JSON, since -0 is written as 0.
      expect(JSON.parse(entry.json)).toEqual(
        JSON.parse(
          JSON.stringify({
            [identifierType]: isAlias ? { alias_name: identifier, alias_label: userAliasLabel } : identifier,
            app_id: appId,
            _update_existing_only: isAlias ? updateUsersOnly : updateUsersOnly || undefined,
            name,
            time,
            properties: Object.keys(properties).length === 0 ? undefined : properties,
          }),
        ),
      );
    }),
  );
});

test('a body is as long as its entries say, with a comma between them, and never above 4 MB', () => {
  fc.assert(
    fc.property(configs, fc.array(drafts, { minLength: 1, maxLength: bodyLimits.entries }), (config, several) => {
      const entries = several.map((each) => encodeEvent(config)(each, 0));
      const { body } = trackBody(entries);
      const sum = entries.reduce((total, { bytes }) => total + bytes + 1, -1);
      const frame = Buffer.byteLength('{"events":[]}');
      expect(Buffer.byteLength(body)).toBe(sum + frame);
      expect(bodyLimits.bytes + frame).toBeLessThanOrEqual(4_000_000);
      expect(JSON.parse(body)).toEqual({ events: entries.map(({ json }) => JSON.parse(json) as unknown) });
    }),
  );
});
