import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fit } from '../../src/profiles/limits.ts';
import type { Report } from '../../src/profiles/reports.ts';
import { frozen } from './frozen.ts';

function fitted(value: unknown): readonly [value: unknown, ...why: string[]] {
  const reports: Report[] = [];
  const result = fit('custom', frozen(value), reports);
  return [result, ...reports.map(({ property, why }) => (property === 'custom' ? why : 'of another property'))];
}

const family = '👨‍👩‍👧';

test.each<[behaviour: string, value: unknown, ...expected: readonly unknown[]]>([
  ['255 characters fit', 'x'.repeat(255), 'x'.repeat(255)],
  ['256 characters do not', 'x'.repeat(256), 'x'.repeat(255), 'text_cut'],
  ['479 bytes fit', `${'é'.repeat(239)}x`, `${'é'.repeat(239)}x`],
  ['480 bytes do not', 'é'.repeat(240), 'é'.repeat(239), 'text_cut'],
  ['a character is not cut in two', `x${'👨'.repeat(120)}`, `x${'👨'.repeat(119)}`, 'text_cut'],
  ['short texts of long characters fit', family.repeat(20), family.repeat(20)],
  ['texts in lists and objects are cut', [{ a: 'x'.repeat(300) }], [{ a: 'x'.repeat(255) }], 'text_cut'],
  ['a list may hold a value twice', ['a', 'b', 'a'], ['a', 'b', 'a']],
  ['null is taken out of a list', ['a', null], ['a'], 'members_cut'],
  ['null is taken out of an object', { a: { b: null, c: 1 } }, { a: { c: 1 } }, 'members_cut'],
  ['what is no number is taken out', { a: [Infinity, 1] }, { a: [1] }, 'members_cut'],
  ['keys that Braze refuses are taken out', { 'a.b': 1, 'a b': 1, $a: 1, '': 1, c: 1 }, { c: 1 }, 'members_cut'],
  ['an object of which nothing is left is not sent', { a: null }, undefined, 'members_cut'],
  ['a time in an object is one', { at: { $time: '2026-01-31' } }, { at: { $time: '2026-01-31' } }],
  ['what is no time in an object is taken out', { at: { $time: 'soon' }, b: 1 }, { at: {}, b: 1 }, 'members_cut'],
  ['an object that Braze would take for an instruction is not sent', { inc: 1 }, undefined, 'instruction'],
  ['so it is with lists to add and to remove', { add: ['a'], remove: ['b'] }, undefined, 'instruction'],
  ['an object that has such a key among others is data', { add: 1, name: 'x' }, { add: 1, name: 'x' }],
])('%s', (_, value, ...expected) => {
  expect(fitted(value)).toEqual(expected);
});

test.each([[0], [-1.5], [true], [''], [[]], [{}], ['text'], [['a', 1, false]]])('%j is sent as it is', (value) => {
  expect(fitted(value)).toEqual([value]);
});

test('of a list that is too long the newest values are kept, each once', () => {
  const list = Array.from({ length: 600 }, (_, index) => index % 550);
  expect(fitted(list)).toEqual([
    [...Array.from({ length: 450 }, (_, index) => index + 100), ...list.slice(550)],
    'list_cut',
  ]);
  const repeating = Array.from({ length: 600 }, (_, index) => index % 3);
  expect(fitted(repeating)).toEqual([[0, 1, 2]]);
});

test('an object may have 100 KB, and not a byte more', () => {
  const items = Array.from({ length: 399 }, () => 'x'.repeat(253));
  const room = 102_400 - JSON.stringify({ items, rest: '' }).length;
  expect(fitted({ items, rest: 'x'.repeat(room) })).toEqual([{ items, rest: 'x'.repeat(room) }]);
  expect(fitted({ items, rest: 'x'.repeat(room + 1) })).toEqual([undefined, 'too_large']);
});

test('what fits is left as it is; what was fitted fits', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const [once] = fitted(value);
      if (once === undefined || once === null) return;
      expect(fitted(once)).toEqual([once]);
    }),
  );
});

test('no text is cut into something else than its beginning', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 100, maxLength: 600 }), (text) => {
      const [kept] = fitted(text);
      expect(text.startsWith(String(kept))).toBe(true);
      expect(Array.from(String(kept)).length).toBeLessThanOrEqual(255);
      expect(Buffer.byteLength(String(kept))).toBeLessThanOrEqual(479);
      const next = Array.from(text)
        .slice(0, Array.from(String(kept)).length + 1)
        .join('');
      const isLongest = next === kept || Array.from(next).length > 255 || Buffer.byteLength(next) > 479;
      expect(isLongest).toBe(true);
    }),
  );
});
