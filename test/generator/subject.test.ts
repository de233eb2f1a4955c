import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectOf, subjectToken } from '../../src/generator/index.ts';

test.each([
  ['Purchase', 'Purchase'],
  ['Song Played', 'Song_Played'],
  ['[Amplitude] Page Viewed', 'Amplitude_Page_Viewed'],
  ['$identify', '$identify'],
  ['a.b.*.>', 'a_b'],
  ['購入', '_'],
  ['', '_'],
])('the token of %j is %j', (eventType, token) => {
  expect(subjectToken(eventType)).toBe(token);
  expect(subjectOf(eventType)).toBe(`events.${token}`);
});

test('any event type becomes one token without white space, dots, wildcards or letters beyond ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (eventType) => {
      expect(subjectToken(eventType)).toMatch(/^[\w$-]+$/);
    }),
  );
});
