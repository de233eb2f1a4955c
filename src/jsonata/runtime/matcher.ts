/**
 * Regular expressions: https://docs.jsonata.org/regex. In the language a regular expression is a function from a text
 * to its first match, which knows how to find the next one. Literals that are given to a built-in directly do without.
 */
import { fail } from './failure.ts';
import { invoke } from './call.ts';
import { charge } from './meter.ts';
import { sequence, type Sequence } from './sequence.ts';

/** One match, in the form that the language shows. */
export interface Match {
  readonly match: string;
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
  readonly next: () => unknown;
}

/** A regular expression, with what was found out about it when it was loaded. */
export interface Pattern {
  readonly regex: RegExp;
  /** The same without the flag `g`: answers whether it matches, and keeps no position. */
  readonly tester: RegExp;
  /** How long a text it is given before that could take too long. */
  readonly maxSubject: number;
}

/** Refuses a text on which the expression could backtrack for too long, and pays for the rest. */
function subject(pattern: Pattern, text: string): string {
  if (text.length > pattern.maxSubject) return fail('D2015', text.length);
  charge(text.length / 8);
  return text;
}

/** Whether a literal pattern matches. */
export function matches(pattern: Pattern, text: string): boolean {
  return pattern.tester.test(subject(pattern, text));
}

/** The function that a regular expression is where it stands as a value. */
export function matcher(pattern: Pattern): (text: string, from?: number) => Match | undefined {
  // Of its own, since it keeps the position.
  const regex = new RegExp(pattern.regex.source, pattern.regex.flags);
  const find = (text: string, from?: number): Match | undefined => {
    regex.lastIndex = from ?? 0;
    const found = regex.exec(typeof text === 'string' ? subject(pattern, text) : text);
    if (found === null) return undefined;
    return {
      match: found[0],
      start: found.index,
      end: found.index + found[0].length,
      groups: found.slice(1),
      next: () => {
        if (regex.lastIndex >= text.length) return undefined;
        const next = find(text, regex.lastIndex);
        return next?.match === '' ? fail('D1004', regex.source) : next;
      },
    };
  };
  return find;
}

/** What `$match` gives for a literal pattern. */
export function allMatches(pattern: Pattern, text: string): Sequence {
  const { regex } = pattern;
  const result = sequence();
  subject(pattern, text);
  regex.lastIndex = 0;
  for (let found = regex.exec(text); found !== null; found = regex.exec(text)) {
    if (found[0] === '' && result.length > 0) fail('D1004', regex.source);
    charge(8);
    result.push({ match: found[0], index: found.index, groups: found.slice(1) });
    if (regex.lastIndex >= text.length) break;
  }
  return result;
}

/** All matches of a matcher function, which an expression may have written itself. */
export function* matchesOf(target: unknown, text: string): Generator<Match> {
  let found = checked(invoke(target, [text]));
  while (found !== undefined) {
    yield found;
    found = checked(invoke(found.next, [undefined]));
  }
}

/** Fails when a matcher answers with something that is plainly not a match. */
export function checked(value: unknown): Match | undefined {
  if (!value) return value as undefined;
  const { start, end, groups, next } = value as Partial<Match>;
  const plausible =
    typeof start === 'number' || (end as unknown) === 'number' || Array.isArray(groups) || typeof next === 'function';
  return plausible ? (value as Match) : fail('T1010', value);
}
