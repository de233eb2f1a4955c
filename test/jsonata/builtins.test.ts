import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { compile } from '../../src/jsonata/index.ts';
import { show } from './reference.ts';

/** One value of each kind that a function may meet; the first stands for a property that is not there. */
const values: readonly unknown[] = [
  undefined, null, true, false, 0, 1, -2, 2.5, 1e21, '', 'a', '12', 'abcab', '2020-01-02T03:04:05Z', '#0.0', '[Y]-[M]-[D]', '1', [], ['a'], [1],
  ['a', 'b'], [3, 1, 2], [[1], 2], [[]], [{}], [null], [1, 'a'], {}, { a: 1 }, { a: { b: [1] } }, [{ a: 1 }, { a: 2, b: 3 }],
]; // prettier-ignore

/** Expressions that are a function, or an odd value that JSON does not have. */
const written = [
  '$sum',
  '/a/',
  'function($x){ $x }',
  'function($x, $y){ $x > $y }',
  'function(){ 1 }',
  '(1/0)',
  'a.b',
  '[1..3]',
  '$lookup',
];

const names = [
  'abs', 'append', 'assert', 'average', 'base64decode', 'base64encode', 'boolean', 'ceil', 'clone', 'contains', 'count', 'decodeUrl',
  'decodeUrlComponent', 'distinct', 'each', 'encodeUrl', 'encodeUrlComponent', 'error', 'exists', 'filter', 'floor', 'formatBase',
  'formatInteger', 'formatNumber', 'fromMillis', 'join', 'keys', 'length', 'lookup', 'lowercase', 'map', 'match', 'max', 'merge', 'min',
  'not', 'number', 'pad', 'parseInteger', 'power', 'reduce', 'replace', 'reverse', 'round', 'sift', 'single', 'sort', 'split', 'spread',
  'sqrt', 'string', 'substring', 'substringAfter', 'substringBefore', 'sum', 'toMillis', 'trim', 'type', 'uppercase', 'zip',
]; // prettier-ignore

const operators = ['+', '-', '*', '/', '%', '=', '!=', '<', '<=', '>', '>=', '&', 'and', 'or', 'in', '..', '??', '?:'];

/** Compares one expression over all inputs; gives what differs. */
async function differences(source: string, inputs: readonly unknown[]): Promise<readonly string[]> {
  const reference = jsonata(source);
  const expression = compile(source);
  const found: string[] = [];
  for (const input of inputs) {
    const given = structuredClone(input);
    const expected = await outcome(() => reference.evaluate(given));
    const actual = await outcome(() => expression.evaluate(input));
    // The reference writes into its input in places, and then reads what it wrote.
    const written = show(given) !== show(input);
    if (actual !== expected && !written && !/^D101[12]|^D2015/.test(actual))
      found.push(`${source} on ${JSON.stringify(input)}: ${actual}, not ${expected}`);
  }
  return found;
}

async function outcome(run: () => unknown): Promise<string> {
  try {
    return show(await run());
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    return typeof code === 'string' ? code : 'fails';
  }
}

const single = values.map((a) => ({ a }));
const pairs = values.flatMap((a) => values.map((b) => ({ a, b })));
const somePairs = pairs.filter((_, i) => i % 3 === 0);

test.each(names)('$%s takes what the reference takes', async (name) => {
  const found = [
    ...(await differences(`$${name}()`, [undefined, ...values])),
    ...(await differences(`$${name}(a)`, single)),
    ...(await differences(`$${name}(a, b)`, pairs)),
    ...(await differences(`$${name}(a, b, a)`, somePairs)),
    ...(await differences(`a.$${name}()`, single)),
    ...(await differences(`a.$${name}($$.b)`, somePairs)),
    ...(await differences(`a ~> $${name}(b)`, somePairs)),
    ...(await differences(`$map([a], function($v){ $${name}($v) })`, single)),
  ];
  for (const value of written) {
    found.push(...(await differences(`$${name}(${value})`, single)));
    found.push(...(await differences(`$${name}(a, ${value})`, single)));
    found.push(...(await differences(`$${name}(a, ${value}, a)`, single)));
    found.push(...(await differences(`$map([a], function($v){ $${name}($v, ${value}) })`, single)));
  }
  expect(found).toEqual([]);
});

test.each(operators)('%s takes what the reference takes', async (operator) => {
  const between =
    operator === '..' ? (a: string, b: string) => `[${a}..${b}]` : (a: string, b: string) => `${a} ${operator} ${b}`;
  // A range of numbers that are too large to count on never ends in the reference.
  const inputs = operator === '..' ? pairs.filter(({ a }) => a !== 1e21) : pairs;
  const found = [...(await differences(between('a', 'b'), inputs))];
  // A regular expression cannot stand in parentheses.
  const literals = [
    '1',
    '"a"',
    'true',
    'null',
    '-2',
    '""',
    '[]',
    '["a", 1]',
    '{"a": 1}',
    ...written.filter((value) => value !== '/a/'),
  ];
  for (const literal of literals.map((value) => `(${value})`)) {
    found.push(...(await differences(between('a', literal), single)));
    found.push(...(await differences(between(literal, 'a'), single)));
    found.push(...(await differences(`[a][${operator === '..' ? '$' : between('$', literal)}]`, single)));
  }
  expect(found).toEqual([]);
});

const forms = [
  '-($map(1, λ($u){ $map(1, function($v, $i){ 1 }) }))', '(-1){"k": a}', '(-2)[a]', '{"k": a, "k": b}', 'a{$string($): 1, "a": 2}', '{a: b}', 'a{a: b}', '{"_jsonata_lambda": a}', '{a: 1, $string(b): 2}', 'a[b = 1]', 'a[b > 1].b', '**[a]', 'a.*[0]', 'a.**.b', '*.a', '$.*',
  'a[$ = 1]', 'a[0][0]', 'a[b][0]', 'a[0].a[0]', 'a.(a)[0]', '(a)[0]', '(a.b)[]', 'a.b^($)', 'a^($, >$)', 'a.b{$type($): $}', '$map(a, function($v, $i){ $i })', '$map(a, function(){ 1 })',
  '$filter(a, function($v, $i){ $i = 0 })', '($x := a; ($x := b); $x)', '(b ? $x := a; $x)', '($f := function($y){ ($y; $x) }; $x := a; $f(b))', '[a[b], a.b]', '[[a], [b]].a', '[a, b][1]',
  'a[-1]', 'a[1.7]', 'a[[0, 0]]', 'a["x"]', 'a[true]', 'a[null]', 'a[[]]', '$append(a, b)[0]', '$count(a[b])', '$string(a & b)', 'a & ""', '$a', '$exists($a)', '$sum([a, b])', '$lookup(a, b)',
  'a[b]', 'a[0]', 'a[-1].b', 'a[[0, 1]]', 'a.b.c', 'a.*', 'a.**', '**.a', 'a[]', 'a.b[]', 'a[0][]', '[a]', '[a, [b]]', '[a][0]', '[[a]]', '{"k": a}', 'a{"k": b}',
  'a{$string($): $}', 'a^($)', 'a^(>b)', 'a^(b)[0]', '-a', 'a ? b : 1', 'a ? b', '(a; b)', '($x := a; $x)', '($x := a; $x.b)', '($x := a; $x[0])', 'a.($)',
  'a.[b]', 'a.{"b": b}', '[a].b', '[a, b].a', '*', '$', '$$', '$.a', '$$.a', 'a.$', 'a.(b; $)', 'function($x){ $x }(a)', 'function($x)<n:n>{ $x }(a)',
  'function($x)<s-:s>{ $x }()', '$map(a, function($v, $i, $l){ [$v, $i, $count($l)] })', '$filter(a, function($v){ $v })', '$reduce(a, function($p, $n){ [$p, $n] })',
  '$sift(a, function($v, $k){ $k })', '$each(a, function($v, $k){ $k & $v })', '$single(a, function($v){ $v })', '$sort(a, function($l, $r){ $l > $r })',
  '$map(a, $string)', '$match(a, /a(b)?/)', '$contains(a, /A/i)', '$split(a, /b/)', '$replace(a, /(a)(b)?/, "<$1$2$0$$>")', '$replace(a, "a", b)', '$split(a, "", 2)',
  '$exists(a.b)', '$count(a.b)', 'a in b', 'b in a.*', '$lookup(a, "b")', 'a.a', 'a.a.b', 'a.length', 'a.sequence', '$keys(a)^($)', '$merge([a, b])', 'a ~> $string',
  '$sum(a.a)', '($f := function($x){ $x > 0 and $x < 99 ? $f($x - 1) : $x }; $f(a))', '$map([a, b], function($v){ $map($v, function($w){ $w }) })',
]; // prettier-ignore

test.each(forms)('%s has the results of the reference', async (form) => {
  expect(await differences(form, [undefined, ...values, ...pairs])).toEqual([]);
});
