import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { noTypeToken, typeOfToken, typeToken } from '../../src/core/subject.ts';

test.each([
  ['Purchase', 'Purchase'],
  ['$identify', '$identify'],
  ['[Amplitude] Page Viewed', '%5BAmplitude%5D%20Page%20Viewed'],
  ['a.b*c>d', 'a%2Eb%2Ac%3Ed'],
  ['Größe', 'Gr%C3%B6%C3%9Fe'],
  ['100%', '100%25'],
  ['', noTypeToken],
  ['x'.repeat(1_025), noTypeToken],
])('the type %j has the token %s', (type, token) => {
  expect(typeToken(type)).toBe(token);
});

test('every type comes back from its token, and a token is one of a subject', () => {
  assert(
    property(string({ unit: 'binary', minLength: 1, maxLength: 100 }), (type) => {
      const token = typeToken(type);
      expect(token).toMatch(/^[^\s.*>]+$/);
      expect(typeOfToken(token)).toBe(type);
    }),
  );
});

test('what is no token of a type has no type', () => {
  expect(typeOfToken(noTypeToken)).toBeUndefined();
  expect(typeOfToken('')).toBeUndefined();
  expect(typeOfToken('%E0%A4%A')).toBeUndefined();
});
