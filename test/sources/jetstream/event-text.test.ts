import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTexts } from '../../../src/sources/jetstream/event-text.ts';

test.each([
  ['an event alone', '{"event_type":"a"}'],
  ['an event that has a field named events', '{"event_type":"a","events":{"x":[1]}}'],
  ['blanks around it', ' {"event_type":"a"}\n'],
  ['a word', 'null'],
  ['a number', '42'],
  ['an empty object', '{}'],
])('%s is the whole payload', (_, json) => {
  expect(eventTexts(json)[0]).toBe(json);
});

test.each([
  ['numbers beyond 2^53', '[{"id":12345678901234567890},1.0e3,-0]', ['{"id":12345678901234567890}', '1.0e3', '-0']],
  ['the order of keys, and doubles', '[{"b":1,"a":2,"b":3},{}]', ['{"b":1,"a":2,"b":3}', '{}']],
  ['escapes', String.raw`[{"a":"\u00e4\"]},\\"},"\\"]`, [String.raw`{"a":"\u00e4\"]},\\"}`, String.raw`"\\"`]],
  [
    'blanks inside, but not around',
    '[ { "a" : [ 1 , 2 ] } ,\n\tnull\r\n, true ]',
    ['{ "a" : [ 1 , 2 ] }', 'null', 'true'],
  ],
  ['nested lists', '[[[1,[2]],{"a":[{}]}],[]]', ['[[1,[2]],{"a":[{}]}]', '[]']],
])('the text of an event keeps %s', (_, json, texts) => {
  expect(texts.map((_, index) => eventTexts(json)[index])).toEqual(texts);
});

describe('in a body', () => {
  test('events are those of the member events, wherever it stands', () => {
    const json = '{"api_key":"k","options":{"events":[9]},"x":[{"events":[8]}],"events":[{"a":1},2],"z":"events"}';
    expect([0, 1].map((index) => eventTexts(json)[index])).toEqual(['{"a":1}', '2']);
  });

  test('of several members named events the last counts, as for JSON.parse', () => {
    expect(eventTexts('{"events":[1,2],"events":[3,4]}')[1]).toBe('4');
    expect(eventTexts('{"events":[1,2],"events":7}')[0]).toBe('{"events":[1,2],"events":7}');
  });

  test('the name may be written with escapes', () => {
    expect(eventTexts(String.raw`{"\u0065vents":[1,2]}`)[1]).toBe('2');
  });
});

const blank = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });
/** JSON as it may be written: with any indentation, and text escaped or not. */
const json = fc
  .tuple(fc.jsonValue(), fc.nat({ max: 2 }), fc.boolean())
  .map(([value, indent, escaped]) => (escaped ? asciiOf : String)(JSON.stringify(value, null, indent)));

test('an event of any list or body has exactly the characters that it was written with', () => {
  const list = fc.array(fc.record({ before: blank, text: json, after: blank }), { minLength: 1 });
  const member = fc.record({ key: fc.string().filter((key) => key !== 'events'), value: json });
  fc.assert(
    fc.property(list, blank, fc.option(fc.tuple(fc.array(member), fc.array(member))), (events, space, members) => {
      const array = `[${events.map(({ before, text, after }) => before + text + after).join(',')}]`;
      const written = (all: { key: string; value: string }[]) =>
        all.map(({ key, value }) => `${space}${JSON.stringify(key)}${space}:${space}${value}${space}`);
      const payload =
        members === null
          ? space + array + space
          : `${space}{${[...written(members[0]), `${space}"events"${space}:${array}`, ...written(members[1])].join(',')}}`;
      JSON.parse(payload);
      expect(events.map((_, index) => eventTexts(payload)[index])).toEqual(events.map(({ text }) => text));
    }),
  );
});

function asciiOf(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (char) =>
    /\s/.test(char) ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
