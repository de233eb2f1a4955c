import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityOf, sameValue } from '../../src/profiles/equality.ts';

test('the order of keys does not count, that of items does', () => {
  expect(sameValue({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(sameValue([1, 2], [2, 1])).toBe(false);
});

test.each([
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ toString: 1 }, { valueOf: 1 }],
  [{}, []],
  [{ 0: 'a' }, ['a']],
  [{ length: 0 }, []],
  [null, {}],
  [null, undefined],
  [0, false],
  ['1', 1],
  ['[1]', [1]],
  ['"a', 'a'],
])('%j and %j are two values', (a, b) => {
  expect([sameValue(a, b), sameValue(b, a)]).toEqual([false, false]);
  expect(identityOf(a)).not.toBe(identityOf(b));
});

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, 1, 'a', '', '1', '{}'),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;

test('for any two values, equality and identity are those of the platform', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const isSame = isDeepStrictEqual(a, b);
      expect(sameValue(a, b)).toBe(isSame);
      expect(identityOf(a) === identityOf(b)).toBe(isSame);
      expect(sameValue(a, structuredClone(a))).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
