import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxTogether, parseTogether } from '../../src/operators/parse-together.ts';

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value));
/** Pieces that are JSON only together with what stands beside them. */
const pieces = fc.constantFrom(
  '',
  ' ',
  ',',
  '1,2',
  '[',
  ']',
  '[1',
  '2]',
  '{"a":',
  '{}}',
  '{},{}',
  '"',
  '"a',
  ',"',
  '0,0',
  '\uFEFF1',
);

test('payloads are parsed together as each by itself, and not at all if one of them is no JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(json, json, pieces, fc.string()), { minLength: 1, maxLength: 6 }), (texts) => {
      expect(parseTogether(texts.map((text) => Buffer.from(text)))).toEqual(parsedAlone(texts));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['one too many and one too few', ['{"a":1},{"b":2}', '[1', '2]']],
  ['a text that goes on in the next', ['"a', 'b"', '1,2']],
  ['an object that goes on in the next', ['{"a":[{}', '{}]}', '{},{}']],
])('%s are no JSON together', (_, texts) => {
  expect(parseTogether(texts.map((text) => Buffer.from(text)))).toBeUndefined();
});

test('bytes that are not UTF-8 are read as they are alone', () => {
  const cut = Buffer.concat([Buffer.from('"a'), Uint8Array.of(0xc3), Buffer.from('"')]);
  expect(parseTogether([cut, Buffer.from('1')])).toEqual(['a\uFFFD', 1]);
  expect(parseTogether([Uint8Array.of(0x31, 0xc3), Buffer.from('1')])).toBeUndefined();
});

test('what is too long together is not parsed', () => {
  const half = Buffer.from(JSON.stringify('x'.repeat(maxTogether / 2 - 2)));
  expect(parseTogether([half, half])).toHaveLength(2);
  expect(parseTogether([half, half, half])).toBeUndefined();
});

function parsedAlone(texts: readonly string[]): unknown {
  try {
    return texts.map((text) => JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
