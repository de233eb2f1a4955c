/** JSON as it is not often written, and what only looks like it: for what reads bytes. */
import * as fc from 'fast-check';

/** What JSON may be written like, and what only looks like it. */
const rawValues = [
  '0 -0 12 1.50 -1E+2 1e999 9007199254740993 01 1. .5 - +1 1e 0x1 NaN'.split(' '),
  'true false null tru nullx True {} [] {"a":} [1,] {"a":1,} [[] {a:1}'.split(' '),
  ['', ' ', '"\\u00e9"', '"\\uD83D\\ude00"', '"\\u00g9"', '"\\x"', '"\\"', '"\\ud800"', '"\t"', '"\u007f"', "'a'"],
  ['"\\"\\\\\\/"', `${'['.repeat(40)}${']'.repeat(40)}`, `${'['.repeat(41)}${']'.repeat(41)}`],
].flat();
const unit = fc.constantFrom(
  'a',
  'b',
  '0',
  ' ',
  'é',
  'Ã',
  '\u0085',
  '日',
  '😀',
  '"',
  '\\',
  '\u0001',
  ',',
  ':',
  '{',
  '}',
);
export const text = fc.string({ unit });
/** Seldom written with an escape. */
export const name = fc.oneof(
  { weight: 30, arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '日', ',', '{') }) },
  { weight: 1, arbitrary: text },
);
/** Mostly of the first kind, so that most requests are taken. */
export const mostly = (usual: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: other });
/** Any value, some of which are only put in by `written`. */
export const unusual = fc.oneof(
  text,
  fc.jsonValue(),
  fc.constantFrom(...rawValues.map((_, index) => `@raw ${index}@`)),
);
/** A value as it may be written, with some bytes set to others, or taken out. */
export function written(value: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> {
  return fc
    .record({
      value,
      indent: fc.constantFrom(0, 0, 1, '\t'),
      edits: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        fc.array(fc.record({ place: fc.nat(), byte: fc.constantFrom(...editingBytes, undefined) }), {
          minLength: 1,
          maxLength: 2,
        }),
      ),
    })
    .map(({ value, indent, edits }) => {
      const json = JSON.stringify(value, null, indent).replaceAll(
        /"@raw (\d+)@"/g,
        (_, index) => rawValues[Number(index)] ?? '',
      );
      const bytes: number[] = [...Buffer.from(json)];
      for (const { place, byte } of edits) bytes.splice(place % bytes.length, 1, ...(byte === undefined ? [] : [byte]));
      return Buffer.from(bytes);
    });
}

const editingBytes = Buffer.from('{}[]",:\\ \ta1-.eu\0');
