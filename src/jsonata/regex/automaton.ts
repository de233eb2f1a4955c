import type { AST } from '@eslint-community/regexpp';
import { all, charactersOf, type Characters } from './characters.ts';

/**
 * The places of a regular expression where a character is read, and which place can follow which: the automaton of
 * Glushkov, "The abstract theory of automata" (1961). A backtracking engine walks its paths one after the other, so that
 * the number of ways counts that lead from a place to the next without reading anything. Counted up to two.
 */
export interface Automaton {
  readonly characters: readonly Characters[];
  readonly follow: readonly ReadonlyMap<number, number>[];
  readonly first: ReadonlyMap<number, number>;
}

/** More places than this are not looked at. */
export const mostPlaces = 300;

/** Too large to be looked at. */
export class TooLarge extends Error {}

type Ways = Map<number, number>;

interface Part {
  readonly first: Ways;
  readonly last: Ways;
  /** In how many ways it matches the empty text. */
  readonly empty: number;
}

const nothing: Part = { first: new Map(), last: new Map(), empty: 1 };

/** Builds the automaton. Assertions count as the empty text; what is inside lookarounds is given to `inner`. */
export function automatonOf(
  alternatives: readonly Pick<AST.Alternative, 'elements'>[],
  ignoreCase: boolean,
  inner: (alternatives: readonly Pick<AST.Alternative, 'elements'>[]) => void,
): Automaton {
  const characters: Characters[] = [];
  const follow: Ways[] = [];

  const read = (set: Characters): Part => {
    if (characters.length >= mostPlaces) throw new TooLarge();
    const place = characters.push(set) - 1;
    follow.push(new Map());
    return { first: new Map([[place, 1]]), last: new Map([[place, 1]]), empty: 0 };
  };
  const link = (from: Ways, to: Ways): void => {
    for (const [a, waysA] of from) for (const [b, waysB] of to) add(follow[a] ?? new Map(), b, waysA * waysB);
  };
  const sequenceOf = (a: Part, b: Part): Part => {
    link(a.last, b.first);
    return {
      first: sum(a.first, b.first, a.empty),
      last: sum(b.last, a.last, b.empty),
      empty: Math.min(2, a.empty * b.empty),
    };
  };
  const choice = (parts: readonly Part[]): Part => ({
    first: parts.reduce((whole, part) => sum(whole, part.first, 1), new Map<number, number>()),
    last: parts.reduce((whole, part) => sum(whole, part.last, 1), new Map<number, number>()),
    empty: Math.min(
      2,
      parts.reduce((whole, part) => whole + part.empty, 0),
    ),
  });
  const star = (part: Part): Part => {
    link(part.last, part.first);
    // JavaScript never repeats what matched the empty text.
    return { ...part, empty: 1 };
  };
  const quantified = ({ element, min, max }: AST.Quantifier): Part => {
    let whole = nothing;
    for (let i = 0; i < min; i++) whole = sequenceOf(whole, elementOf(element));
    if (max === Infinity) return sequenceOf(whole, star(elementOf(element)));
    let optional = nothing;
    for (let i = min; i < max; i++) {
      const part = sequenceOf(elementOf(element), optional);
      optional = { ...part, empty: 1 };
    }
    return sequenceOf(whole, optional);
  };
  const elementOf = (element: AST.Element): Part => {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return alternativesOf(element.alternatives);
      case 'Quantifier':
        return quantified(element);
      case 'Assertion':
        if (element.kind === 'lookahead' || element.kind === 'lookbehind') inner(element.alternatives);
        return nothing;
      case 'Backreference':
        // Any text: more than it can match.
        return star(read(all));
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        break;
    }
    return read(charactersOf(element, ignoreCase));
  };
  const alternativesOf = (given: readonly Pick<AST.Alternative, 'elements'>[]): Part =>
    choice(given.map(({ elements }) => elements.map(elementOf).reduce(sequenceOf, nothing)));

  const whole = alternativesOf(alternatives);
  return { characters, follow, first: whole.first };
}

function sum(a: Ways, b: Ways, times: number): Ways {
  if (times === 0) return a;
  const both = new Map(a);
  for (const [place, ways] of b) add(both, place, ways * times);
  return both;
}

function add(ways: Ways, place: number, more: number): void {
  ways.set(place, Math.min(2, (ways.get(place) ?? 0) + more));
}
