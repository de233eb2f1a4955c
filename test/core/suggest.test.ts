import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { suggest } from '../../src/core/suggest.ts';

const keys = ['name', 'enabled', 'source', 'destination', 'identifier', 'events', 'users', 'batch', 'delivery'];

test.for([
  ['identifer', 'identifier'],
  ['soruce', 'source'],
  ['eventss', 'events'],
  ['Delivery', 'delivery'],
  ['user', 'users'],
])('%s was meant to be %s', ([word, meant]) => {
  expect(suggest(String(word), keys)).toBe(meant);
});

test('a word that is near to nothing has no suggestion', () => {
  expect(suggest('xyz', keys)).toBeUndefined();
  expect(suggest('', keys)).toBeUndefined();
  expect(suggest('name', [])).toBeUndefined();
});

test('of several candidates the nearest is suggested', () => {
  expect(suggest('maxObject', ['maxWaitMs', 'maxObjects', 'maxObjectsInAll'])).toBe('maxObjects');
});

test('one slip in a longer word always leads back to it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (key, seed, slip) => {
      const at = seed % (key.length - 1);
      const [a = '', b = ''] = [key[at], key[at + 1]];
      const middle = { drop: b, double: a + a + b, swap: b + a }[slip];
      expect(suggest(key.slice(0, at) + middle + key.slice(at + 2), keys)).toBe(key);
    }),
  );
});
