import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketKey, identifierKey, stateKey, userKeyOf } from '../../src/profiles/key.ts';

/** What a bucket takes as a key: docs.nats.io/nats-concepts/jetstream/key-value-store. */
const validKey = /^[-/=\w]+(\.[-/=\w]+)*$/;

/** Identifiers of all kinds, which hold something. */
const identifier = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 1_024 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(fc.nat(0xff_ff), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
    fc.emailAddress(),
    fc.string({ unit: fc.constantFrom('.', ' ', '*', '>', '$', '/', '\0', '\n', 'a') }),
    fc.nat().map(String),
  )
  .filter((text) => text !== '');

test('every identifier gives a key that a bucket takes, and that fits into a line of the protocol', () => {
  fc.assert(
    fc.property(identifier, (id) => {
      for (const key of [identifierKey(id), userKeyOf({ user_id: id }), userKeyOf({ device_id: id })]) {
        const stored = bucketKey(key ?? '');
        expect(stored).toMatch(validKey);
        expect(stored.length).toBeLessThan(300);
        expect(stateKey(stored)).toBe(key);
      }
    }),
  );
});

test.each(['ada@example.com', '...', ' ', '*', '>', 'ä', '日本語', '👩‍👩‍👧', 'x'.repeat(1_024), '\u{1F600}'.repeat(512)])(
  'the identifier %j gives a key that a bucket takes',
  (id) => {
    expect(bucketKey(identifierKey(id))).toMatch(validKey);
  },
);

test('different identifiers have different keys', () => {
  fc.assert(
    fc.property(identifier, identifier, (one, other) => {
      expect(bucketKey(identifierKey(one)) === bucketKey(identifierKey(other))).toBe(one === other);
    }),
  );
  const alike = ['Ada', 'ada', 'ada ', ' ada', 'a.da', 'é', 'e\u0301', '\ud800', '\udbff', '\ufffd', '1', '01'];
  const long = ['', 'a', 'b'].map((end) => 'x'.repeat(1_000) + end);
  expect(new Set([...alike, ...long].map(identifierKey)).size).toBe(alike.length + long.length);
});

test('a user is the user id, else the device; nobody if an event names neither', () => {
  const byUser = userKeyOf({ user_id: 'u' });
  expect(byUser).toBeDefined();
  expect(userKeyOf({ user_id: 'u', device_id: 'd' })).toBe(byUser);
  expect(userKeyOf({ user_id: null, device_id: 'd' })).toBe(userKeyOf({ device_id: 'd' }));
  expect(userKeyOf({ user_id: 7 })).toBe(userKeyOf({ user_id: '7' }));
  for (const event of [{}, { user_id: '' }, { user_id: null, device_id: '' }, { user_id: true, device_id: ['d'] }]) {
    expect(userKeyOf(event)).toBeUndefined();
  }
});

test('an identifier, a user id and a device of the same text are three users', () => {
  for (const id of ['u', 'x'.repeat(1_024)]) {
    const keys = [identifierKey(id), userKeyOf({ user_id: id }), userKeyOf({ device_id: id })];
    expect(new Set(keys).size).toBe(3);
  }
});
