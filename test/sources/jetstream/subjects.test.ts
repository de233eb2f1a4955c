import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlap } from '../../../src/sources/jetstream/subjects.ts';

test.each([
  ['events.>', 'events.purchase', true],
  ['events.>', 'events.*.purchase', true],
  ['events.*', 'events.>', true],
  ['*.purchase', 'events.*', true],
  ['>', 'events', true],
  ['events.>', 'events', false],
  ['events.*', 'events.a.b', false],
  ['events.>', 'orders.>', false],
  ['events.purchase', 'events.signup', false],
])('%s and %s: %s', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
});

const token = fc.constantFrom('a', 'b');
const subject = fc.array(token, { minLength: 1, maxLength: 3 });

test('patterns that match one subject overlap, whichever comes first', () => {
  const patternOf = (tokens: readonly string[], stars: readonly boolean[], cut: number): string => {
    const starred = tokens.map((one, place) => (stars[place] === true ? '*' : one));
    return (cut < tokens.length ? [...starred.slice(0, cut), '>'] : starred).join('.');
  };
  const stars = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });
  const cut = fc.nat(3);
  fc.assert(
    fc.property(subject, stars, stars, cut, cut, (tokens, ones, others, oneCut, otherCut) => {
      const [one, other] = [patternOf(tokens, ones, oneCut), patternOf(tokens, others, otherCut)];
      expect(overlap(one, other)).toBe(true);
      expect(overlap(other, one)).toBe(true);
    }),
  );
});
