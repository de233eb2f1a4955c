import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { degree, isExponential, loopsOf, ways } from './ambiguity.ts';
import { automatonOf, mostPlaces, TooLarge, type Automaton } from './automaton.ts';
import { all } from './characters.ts';

/** What is found out about a regular expression when it is loaded. */
export interface Judgement {
  /** Why it must not be used, in words that can follow a colon. */
  readonly refusedBecause?: string;
  /** The longest text on which it surely ends soon. */
  readonly maxSubject: number;
}

/**
 * The longest texts, by the power of its length that the work can grow with: a million steps of the engine or two
 * each, which is some 20 ms before V8 has compiled the expression. Greater powers are refused.
 */
const longest: readonly number[] = [1_000_000, 1_000_000, 2_000, 200, 70];

/** Ways in which parts without loops may read one text. */
const mostWays = 1_000;

/** Judges whether a regular expression can backtrack for too long, from its form alone. */
export function judge(source: string, flags: string): Judgement {
  const pattern = new RegExpParser().parsePattern(source, 0, source.length, { unicode: flags.includes('u') });
  const parts: Automaton[] = [];
  try {
    collect(pattern.alternatives.map(withoutTail), flags, parts);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return refused(
      `written out, its repetitions come to more than ${mostPlaces} characters; use * or + or smaller counts`,
    );
  }
  let power = 1;
  for (const part of parts) {
    const loops = loopsOf(part);
    if (isExponential(part, loops))
      return refused(
        'a repetition inside of a repetition can match the same text in many ways, and the time doubles with each character',
      );
    if (ways(part, loops) > mostWays)
      return refused('its counted repetitions can match the same text in too many ways');
    // A lookaround runs at each place of the text, which the search for a start counts already.
    power = Math.max(power, degree(part, loops));
  }
  const maxSubject = longest[power];
  if (maxSubject === undefined) return refused(`the time grows with the length of the text to the power of ${power}`);
  return { maxSubject };
}

function refused(refusedBecause: string): Judgement {
  return { refusedBecause, maxSubject: 0 };
}

/** The automata of the expression and of its lookarounds. */
function collect(alternatives: readonly Alternative[], flags: string, into: Automaton[]): void {
  const inner: (readonly Alternative[])[] = [];
  const automaton = automatonOf(alternatives, flags.includes('i'), (found) => inner.push(found));
  into.push(isAnchored(alternatives, flags) ? automaton : searching(automaton));
  for (const found of inner) collect(found, flags, into);
}

type Alternative = Pick<AST.Alternative, 'elements'>;

/** Without repetitions at the very end: nothing comes after them that could fail and send the engine back. */
function withoutTail({ elements }: Alternative): Alternative {
  const last = elements.at(-1);
  const before = elements.slice(0, -1);
  if (last?.type === 'CapturingGroup' || last?.type === 'Group') {
    const alternatives = last.alternatives.map(withoutTail) as AST.Alternative[];
    return { elements: [...before, { ...last, alternatives }] };
  }
  if (last?.type !== 'Quantifier' || last.max !== Infinity || !isSimple(last.element)) return { elements };
  return last.min === 0 ? withoutTail({ elements: before }) : { elements: [...before, { ...last, max: last.min }] };
}

function isSimple({ type }: AST.Element): boolean {
  return type === 'Character' || type === 'CharacterSet' || type === 'CharacterClass';
}

/** Tried at each place of the text: as if any text could come before it. */
function searching({ characters, follow, first }: Automaton): Automaton {
  const start = characters.length;
  return {
    characters: [...characters, all],
    follow: [...follow, new Map([...first, [start, 1]])],
    first: new Map([...first, [start, 1]]),
  };
}

function isAnchored(alternatives: readonly Alternative[], flags: string): boolean {
  return (
    !flags.includes('m') &&
    alternatives.every(({ elements: [head] }) => head?.type === 'Assertion' && head.kind === 'start')
  );
}
