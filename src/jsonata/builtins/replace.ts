import { invoke } from '../runtime/call.ts';
import { fail } from '../runtime/failure.ts';
import { matchesOf, type Match } from '../runtime/matcher.ts';
import { bounded, charge } from '../runtime/meter.ts';

/** `$replace`: https://docs.jsonata.org/string-functions#replace. */
export function replace(
  value: string | undefined,
  pattern: unknown,
  replacement: unknown,
  limit?: number,
): string | undefined {
  if (value === undefined) return undefined;
  if (pattern === '') fail('D3010', pattern);
  if (limit !== undefined && limit < 0) fail('D3011', limit);
  if (limit !== undefined && !(limit > 0)) return value;
  charge(value.length / 8);
  if (typeof pattern === 'string') return replaceText(value, pattern, replacement, limit);
  return replaceMatches(value, matchesOf(pattern, value), replacement, limit);
}

function replaceText(value: string, pattern: string, replacement: unknown, limit: number | undefined): string {
  let result = '';
  let at = 0;
  let found = value.indexOf(pattern);
  for (let times = 0; found !== -1 && (limit === undefined || times < limit); times++) {
    charge(1);
    // As the reference does: whatever it is becomes text as JavaScript makes it.
    result = bounded(`${result}${value.slice(at, found)}${asText(replacement)}`);
    at = found + pattern.length;
    found = value.indexOf(pattern, at);
  }
  return bounded(result + value.slice(at));
}

function replaceMatches(value: string, found: Iterable<Match>, replacement: unknown, limit?: number): string {
  let result = '';
  let at = 0;
  let times = 0;
  for (const match of found) {
    if (limit !== undefined && times >= limit) break;
    const substitute =
      typeof replacement === 'string' ? substituteOf(match, replacement) : invoke(replacement, [match]);
    if (typeof substitute !== 'string') return fail('D3012', substitute);
    result = bounded(result + value.slice(at, match.start) + substitute);
    at = match.start + match.match.length;
    times++;
  }
  return times === 0 ? value : bounded(result + value.slice(at));
}

/** The replacement with `$0`, `$1`, `$$` filled in. A group number has as many digits as the count of groups. */
function substituteOf({ match, groups }: Match, replacement: string): string {
  const digits = groups.length === 0 ? 1 : Math.floor(Math.log10(groups.length)) + 1;
  let result = '';
  let at = 0;
  for (let dollar = replacement.indexOf('$'); dollar !== -1; dollar = replacement.indexOf('$', at)) {
    charge(1);
    result += replacement.slice(at, dollar);
    at = dollar + 1;
    const next = replacement.charAt(at);
    if (next === '$' || next === '0') {
      result += next === '$' ? '$' : match;
      at++;
      continue;
    }
    let group = Number.parseInt(replacement.slice(at, at + digits), 10);
    if (digits > 1 && group > groups.length) group = Number.parseInt(replacement.slice(at, at + digits - 1), 10);
    if (Number.isNaN(group)) {
      result += '$';
    } else {
      result += groups[group - 1] ?? '';
      at += group.toString().length;
    }
  }
  return result + replacement.slice(at);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}
