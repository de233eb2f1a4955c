import { describe, type Callable } from '../runtime/function.ts';
import { now } from '../runtime/meter.ts';
import { boolean, not } from '../runtime/truth.ts';
import { parseSignature, type Signature } from '../runtime/signature.ts';
import * as array from './array.ts';
import * as date from './date.ts';
import * as encoding from './encoding.ts';
import * as higherOrder from './higher-order.ts';
import * as numeric from './number.ts';
import * as object from './object.ts';
import { replace } from './replace.ts';
import * as text from './string.ts';

/** A built-in function: https://docs.jsonata.org/overview lists them. */
export interface Builtin {
  readonly name: string;
  readonly implementation: Callable;
  /** The signature in the notation of the language. */
  readonly definition: string;
  readonly signature: Signature;
  /** Whether so many constant arguments always give the same result, so that the call can be made at load. */
  readonly isPure: (args: number) => boolean;
}

/**
 * Those whose result depends on something besides the arguments, or that are there to fail. So does that of `$toMillis`
 * with a picture: what the picture leaves out is taken from the clock.
 */
const impure: ReadonlySet<string> = new Set(['random', 'shuffle', 'now', 'millis', 'error', 'assert']);

/** The names without `$`. `$eval` is not here: it needs the interpreter. */
export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries<readonly [Callable, string, arity?: number]>({
    sum: [numeric.sum, '<a<n>:n>'],
    count: [numeric.count, '<a:n>'],
    max: [numeric.max, '<a<n>:n>'],
    min: [numeric.min, '<a<n>:n>'],
    average: [numeric.average, '<a<n>:n>'],
    string: [text.string, '<x-b?:s>', 1],
    substring: [text.substring, '<s-nn?:s>'],
    substringBefore: [text.substringBefore, '<s-s:s>'],
    substringAfter: [text.substringAfter, '<s-s:s>'],
    lowercase: [text.lowercase, '<s-:s>'],
    uppercase: [text.uppercase, '<s-:s>'],
    length: [text.length, '<s-:n>'],
    trim: [text.trim, '<s-:s>'],
    pad: [text.pad, '<s-ns?:s>'],
    match: [text.match, '<s-f<s:o>n?:a<o>>'],
    contains: [text.contains, '<s-(sf):b>'],
    replace: [replace, '<s-(sf)(sf)n?:s>'],
    split: [text.split, '<s-(sf)n?:a<s>>'],
    join: [text.join, '<a<s>s?:s>', 2],
    formatNumber: [date.formatNumber, '<n-so?:s>'],
    formatBase: [numeric.formatBase, '<n-n?:s>'],
    formatInteger: [date.formatInteger, '<n-s:s>'],
    parseInteger: [date.parseInteger, '<s-s:n>'],
    number: [numeric.number, '<(nsb)-:n>'],
    floor: [numeric.floor, '<n-:n>'],
    ceil: [numeric.ceil, '<n-:n>'],
    round: [numeric.round, '<n-n?:n>'],
    abs: [numeric.abs, '<n-:n>'],
    sqrt: [numeric.sqrt, '<n-:n>'],
    power: [numeric.power, '<n-n:n>'],
    random: [() => Math.random(), '<:n>'],
    boolean: [boolean, '<x-:b>'],
    not: [not, '<x-:b>'],
    map: [higherOrder.map, '<af>'],
    zip: [array.zip, '<a+>'],
    filter: [higherOrder.filter, '<af>'],
    single: [higherOrder.single, '<af?>'],
    reduce: [higherOrder.reduce, '<afj?:j>'],
    sift: [higherOrder.sift, '<o-f?:o>'],
    keys: [object.keys, '<x-:a<s>>'],
    lookup: [object.lookup, '<x-s:x>'],
    append: [array.append, '<xx:a>'],
    exists: [object.exists, '<x:b>'],
    spread: [object.spread, '<x-:a<o>>'],
    merge: [object.merge, '<a<o>:o>'],
    reverse: [array.reverse, '<a:a>'],
    each: [higherOrder.each, '<o-f:a>'],
    error: [object.error, '<s?:x>'],
    assert: [object.assert, '<bs?:x>'],
    type: [object.type, '<x:s>'],
    sort: [array.sort, '<af?:a>'],
    shuffle: [array.shuffle, '<a:a>'],
    distinct: [array.distinct, '<x:x>'],
    base64encode: [encoding.base64encode, '<s-:s>'],
    base64decode: [encoding.base64decode, '<s-:s>'],
    encodeUrlComponent: [encoding.encodeUrlComponent, '<s-:s>'],
    encodeUrl: [encoding.encodeUrl, '<s-:s>'],
    decodeUrlComponent: [encoding.decodeUrlComponent, '<s-:s>'],
    decodeUrl: [encoding.decodeUrl, '<s-:s>'],
    toMillis: [date.toMillis, '<s-s?:n>'],
    fromMillis: [date.fromMillis, '<n-s?s?:s>'],
    clone: [object.clone, '<(oa)-:o>'],
    now: [date.nowText, '<s?s?:s>'],
    millis: [now, '<:n>'],
  }).map(([name, [implementation, definition, arity]]) => [name, builtin(name, implementation, definition, arity)]),
);

function builtin(name: string, implementation: Callable, definition: string, arity = implementation.length): Builtin {
  const signature = parseSignature(definition);
  describe(implementation, { kind: 'native', arity, signature });
  return {
    name,
    implementation,
    definition,
    signature,
    isPure: (args) => !impure.has(name) && !(name === 'toMillis' && args > 1),
  };
}
