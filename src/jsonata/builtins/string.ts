import { fail } from '../runtime/failure.ts';
import { bounded, charge, textLimit } from '../runtime/meter.ts';
import { checked, matchesOf, type Match } from '../runtime/matcher.ts';
import { invoke } from '../runtime/call.ts';
import { sequence, type Sequence } from '../runtime/sequence.ts';
import { codePoints, text } from '../runtime/text.ts';

/** The string functions: https://docs.jsonata.org/string-functions. Missing in, missing out. */

export function string(value: unknown, prettify: unknown = false): string | undefined {
  return value === undefined ? undefined : text(value, prettify);
}

export function length(value: string | undefined): number | undefined {
  return value === undefined ? undefined : codePoints(value);
}

/** Counts in code points, from the end for a negative start. */
export function substring(value: string | undefined, start: number, size?: number): string | undefined {
  if (value === undefined) return undefined;
  charge(value.length / 4);
  const characters = codePoints(value) === value.length ? value : Array.from(value);
  const total = characters.length;
  const from = total + start < 0 ? 0 : start;
  if (size !== undefined && size <= 0) return '';
  const end = size === undefined ? undefined : from >= 0 ? from + size : total + from + size;
  const part = characters.slice(from, end);
  return typeof part === 'string' ? part : part.join('');
}

export function substringBefore(value: string | undefined, separator: string): string | undefined {
  if (value === undefined) return undefined;
  const at = value.indexOf(separator);
  return at > -1 ? value.slice(0, at) : value;
}

export function substringAfter(value: string | undefined, separator: string): string | undefined {
  if (value === undefined) return undefined;
  const at = value.indexOf(separator);
  return at > -1 ? value.slice(at + separator.length) : value;
}

export function lowercase(value: string | undefined): string | undefined {
  return value?.toLowerCase();
}

export function uppercase(value: string | undefined): string | undefined {
  return value?.toUpperCase();
}

/** Runs of white space become one space, and none is left at the ends. */
export function trim(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  charge(value.length / 8);
  return value.replace(/[ \t\n\r]+/g, ' ').replace(/^ | $/g, '');
}

export function pad(value: string | undefined, width: number, padding?: string): string | undefined {
  if (value === undefined) return undefined;
  const columns = Math.trunc(width);
  const missing = Math.abs(columns) - codePoints(value);
  if (!(missing > 0)) return value;
  if (missing > textLimit) fail('D2015', missing);
  charge(missing / 8);
  const unit = padding === undefined || padding.length === 0 ? ' ' : padding;
  const fill =
    unit.length > 1 ? (substring(bounded(unit.repeat(missing)), 0, missing) as string) : unit.repeat(missing);
  return bounded(columns > 0 ? value + fill : fill + value);
}

/** The pattern is a text or a matcher. */
export function contains(value: string | undefined, pattern: unknown): boolean | undefined {
  if (value === undefined || pattern === undefined) return undefined;
  charge(value.length / 32);
  if (typeof pattern === 'string') return value.includes(pattern);
  return checked(invoke(pattern, [value])) !== undefined;
}

export function match(value: string | undefined, pattern: unknown, limit?: number): Sequence | undefined {
  if (value === undefined) return undefined;
  if (limit !== undefined && limit < 0) fail('D3040', limit);
  if (limit !== undefined && !(limit > 0)) return sequence();
  return shown(matchesOf(pattern, value), limit);
}

/** The matches as the language shows them. */
function shown(found: Iterable<Match>, limit?: number): Sequence {
  const result = sequence();
  // The reference looks for one match more than it is asked for, and fails when that one is empty: so the limit is
  // checked only after the next match was looked for.
  for (const { match, start, groups } of found) {
    if (limit !== undefined && result.length >= limit) break;
    result.push({ match, index: start, groups });
  }
  return result;
}

/** The separator is a text or a matcher. */
export function split(value: string | undefined, separator: unknown, limit?: number): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (limit !== undefined && limit < 0) fail('D3020', limit);
  if (limit !== undefined && !(limit > 0)) return [];
  charge(value.length / 4);
  if (typeof separator === 'string') return value.split(separator, limit);
  return splitAt(value, matchesOf(separator, value), limit);
}

function splitAt(value: string, found: Iterable<Match>, limit?: number): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of found) {
    if (limit !== undefined && parts.length >= limit) return parts;
    parts.push(value.slice(at, start));
    at = end;
  }
  if (limit === undefined || parts.length < limit) parts.push(value.slice(at));
  return parts;
}

export function join(values: readonly string[] | undefined, separator = ''): string | undefined {
  if (values === undefined) return undefined;
  charge(values.length / 4);
  return bounded(values.join(separator));
}
