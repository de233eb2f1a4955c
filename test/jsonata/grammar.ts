/** Random expressions of the whole language, over small JSON whose names collide with what the expressions say. */
import * as fc from 'fast-check';

const names = [
  'a',
  'b',
  'c',
  'x',
  'items',
  'price',
  'tags',
  'name',
  'length',
  'constructor',
  'sequence',
  '__proto__',
  '0',
  'toString',
];

/** JSON of few names and odd values. */
export const input: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  scalar: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -3, max: 5 }) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('a', 'b', '', 'x', '1', '-2', 'abcab', '\u{1f600}z', '2020-01-02T03:04:05Z'),
    },
    { weight: 3, arbitrary: fc.constantFrom(true, false, null, 0.5, 1e21, -0.1, 100) },
  ),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 5 }),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: tie('scalar') },
    { weight: 2, arbitrary: tie('array') },
    { weight: 4, arbitrary: tie('object') },
  ),
  root: fc.oneof({ weight: 8, arbitrary: tie('object') }, { weight: 2, arbitrary: tie('value') }),
})).root;

/** The built-ins by how many arguments they take, with a favour for the usual ones. */
const functions: readonly (readonly [name: string, least: number, most: number])[] = [
  ['sum', 1, 1], ['count', 0, 1], ['max', 1, 1], ['min', 1, 1], ['average', 1, 1], ['string', 0, 2], ['substring', 1, 3],
  ['substringBefore', 1, 2], ['substringAfter', 1, 2], ['lowercase', 0, 1], ['uppercase', 0, 1], ['length', 0, 1], ['trim', 0, 1],
  ['pad', 1, 3], ['contains', 1, 2], ['replace', 2, 4], ['split', 1, 3], ['join', 1, 2], ['formatBase', 0, 2], ['number', 0, 1],
  ['floor', 0, 1], ['ceil', 0, 1], ['round', 0, 2], ['abs', 0, 1], ['sqrt', 0, 1], ['power', 1, 2], ['boolean', 0, 1], ['not', 0, 1],
  ['zip', 1, 3], ['keys', 0, 1], ['lookup', 1, 2], ['append', 1, 2], ['exists', 1, 1], ['spread', 0, 1], ['merge', 1, 1],
  ['reverse', 1, 1], ['type', 1, 1], ['sort', 1, 1], ['distinct', 1, 1], ['base64encode', 0, 1], ['base64decode', 0, 1],
  ['encodeUrlComponent', 0, 1], ['decodeUrlComponent', 0, 1], ['clone', 0, 1], ['toMillis', 0, 1], ['fromMillis', 0, 1],
  ['formatNumber', 1, 2], ['formatInteger', 1, 2], ['parseInteger', 1, 2], ['assert', 1, 2], ['error', 0, 1], ['nothing', 0, 1],
]; // prettier-ignore

const higher: readonly (readonly [name: string, parameters: number])[] = [
  ['map', 3], ['filter', 3], ['single', 2], ['reduce', 4], ['sift', 2], ['each', 2], ['sort', 2],
]; // prettier-ignore

const variables = ['u', 'v', 'w'];
const binary = ['+', '-', '*', '/', '%', '=', '!=', '<', '<=', '>', '>=', '&', 'and', 'or', 'in', '??', '?:'];

/** Text that parses, most of it. */
export const expression: fc.Arbitrary<string> = fc.letrec<Record<'expression' | 'atom' | 'step' | 'lambda' | 'name', string>>((tie) => {
  const sub = tie('expression');
  const list = (least: number, most: number): fc.Arbitrary<string> =>
    fc.array(sub, { minLength: least, maxLength: most }).map((items) => items.join(', '));
  const parameters = (most: number): fc.Arbitrary<readonly string[]> => fc.subarray([...variables, 'p'], { maxLength: most });
  return {
    name: fc.constantFrom(...names).map((name) => (/^[a-z]+$/i.test(name) ? name : `\`${name}\``)),
    atom: fc.oneof(
      { weight: 6, arbitrary: tie('name') },
      { weight: 2, arbitrary: fc.integer({ min: -2, max: 5 }).map(String) },
      { weight: 2, arbitrary: fc.constantFrom('"a"', '"x"', '""', '"b1"', '"["', 'true', 'false', 'null', '0.5', '1e21') },
      { weight: 2, arbitrary: fc.constantFrom('$', '$$', '*', '**', '$u', '$v', '$w', '$bound', '$sum', '$string') },
      { weight: 1, arbitrary: fc.constantFrom('/a/', '/(a)(b)?/i', '/x*/', '/[a-z]+/') },
    ),
    step: fc.oneof(
      { weight: 5, arbitrary: tie('name') },
      { weight: 1, arbitrary: fc.constantFrom('*', '**', '$', '"a"') },
      { weight: 1, arbitrary: fc.tuple(sub).map(([inner]) => `(${inner})`) },
      { weight: 1, arbitrary: list(1, 2).map((items) => `[${items}]`) },
      { weight: 1, arbitrary: fc.tuple(tie('name'), sub).map(([name, inner]) => `{"${name.replaceAll('`', '')}": ${inner}}`) },
      { weight: 1, arbitrary: fc.constantFrom('$string()', '$uppercase()', '$count($)', '$keys()', '$v', '$type($)', '$lookup("a")') },
    ),
    lambda: fc.oneof(
      fc.tuple(parameters(3), sub).map(([given, body]) => `function(${given.map((name) => `$${name}`).join(', ')}){ ${body} }`),
      fc.tuple(fc.constantFrom(...variables), sub).map(([name, body]) => `λ($${name}){ ${body} }`),
      fc.tuple(fc.constantFrom('<n:n>', '<s-:s>', '<a<n>:n>', '<x?:x>'), sub).map(([signature, body]) => `function($v)${signature}{ ${body} }`),
    ),
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 10, arbitrary: tie('atom') },
      { weight: 10, arbitrary: fc.tuple(tie('atom'), fc.array(tie('step'), { minLength: 1, maxLength: 3 })).map(([head, steps]) => [head, ...steps].join('.')) },
      { weight: 6, arbitrary: fc.tuple(sub, sub).map(([value, predicate]) => `${postfixed(value)}[${predicate}]`) },
      { weight: 3, arbitrary: fc.tuple(tie('name'), sub, tie('step')).map(([name, predicate, step]) => `${name}[${predicate}].${step}`) },
      { weight: 8, arbitrary: fc.tuple(sub, fc.constantFrom(...binary), sub).map(([left, operator, right]) => `(${left} ${operator} ${right})`) },
      { weight: 3, arbitrary: fc.tuple(sub, sub, sub).map(([test, then, other]) => `(${test} ? ${then} : ${other})`) },
      { weight: 1, arbitrary: fc.tuple(sub, sub).map(([test, then]) => `(${test} ? ${then})`) },
      { weight: 1, arbitrary: sub.map((inner) => `-${postfixed(inner)}`) },
      { weight: 3, arbitrary: list(0, 3).map((items) => `[${items}]`) },
      { weight: 1, arbitrary: fc.tuple(sub, sub).map(([from, to]) => `[${from}..${to}]`) },
      { weight: 2, arbitrary: fc.tuple(tie('name'), sub, sub).map(([name, first, second]) => `{"${name.replaceAll('`', '')}": ${first}, "k": ${second}}`) },
      { weight: 2, arbitrary: fc.tuple(sub, sub, sub).map(([value, key, inner]) => `${postfixed(value)}{${key}: ${inner}}`) },
      { weight: 2, arbitrary: fc.tuple(sub, fc.constantFrom('', '<', '>'), sub).map(([value, order, term]) => `${postfixed(value)}^(${order}${term})`) },
      { weight: 2, arbitrary: sub.map((value) => `${postfixed(value)}[]`) },
      { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...variables), sub, sub).map(([name, value, body]) => `($${name} := ${value}; ${body})`) },
      { weight: 1, arbitrary: fc.tuple(sub, fc.constantFrom(...variables), sub).map(([test, name, body]) => `(${test} ? $${name} := 1; ${body})`) },
      { weight: 9, arbitrary: fc.constantFrom(...functions).chain(([name, least, most]) => list(least, most).map((args) => `$${name}(${args})`)) },
      { weight: 4, arbitrary: fc.constantFrom(...higher).chain(([name, most]) => fc.tuple(sub, fc.oneof(lambdaOf(most, sub), tie('lambda'), fc.constantFrom('$string', '$sum', '$v', '$not'))).map(([value, callback]) => `$${name}(${value}, ${callback})`)) },
      { weight: 2, arbitrary: fc.tuple(sub, fc.constantFrom('/a/', '/(b)|(a)/', '/[ab]*/', '/z?/'), fc.constantFrom('contains', 'match', 'split')).map(([value, regex, name]) => `$${name}(${value}, ${regex})`) },
      { weight: 2, arbitrary: fc.tuple(tie('lambda'), list(0, 2)).map(([lambda, args]) => `${lambda}(${args})`) },
      { weight: 2, arbitrary: fc.tuple(tie('lambda'), list(0, 2)).map(([lambda, args]) => `($w := ${lambda}; $w(${args}))`) },
      { weight: 2, arbitrary: fc.tuple(sub, fc.constantFrom('$count()', '$string', '$sum()', '$map(function($v){$v})', '$w', '$exists()')).map(([value, call]) => `(${value} ~> ${call})`) },
      { weight: 1, arbitrary: tie('lambda') },
    ),
  };
}).expression; // prettier-ignore

function lambdaOf(most: number, body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const names = ['v', 'i', 'p', 'q'];
  return fc.tuple(fc.integer({ min: 0, max: most }), body).map(
    ([count, inner]) =>
      `function(${names
        .slice(0, count)
        .map((name) => `$${name}`)
        .join(', ')}){ ${inner} }`,
  );
}

/** A value that a predicate, a group or a sort can be written behind. */
function postfixed(value: string): string {
  return /^[a-z]+$/i.test(value) || /^[([{]/.test(value) ? value : `(${value})`;
}
