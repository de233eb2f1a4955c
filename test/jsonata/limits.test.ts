import { expect, test } from 'vitest';
import { compile, ExpressionError } from '../../src/jsonata/index.ts';

/** A megabyte of event, made to be slow: long lists, a long text, deep nesting. */
const hostile = {
  items: Array.from({ length: 10_000 }, (_, i) => ({ price: i, sku: `P-${i}`, tags: ['a', 'b'] })),
  long: 'a'.repeat(400_000),
  words: `${'a b '.repeat(800)}!`,
  deep: nested(3_000),
};

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let i = 0; i < depth; i++) value = { a: [value] };
  return value;
}

/** Far more than the limit, 50 ms, for slow machines that do other things too; without limits these take seconds or never end. */
const patienceMs = 1_000;

const rules = [
  '($f := function($n){ $f($n + 1) }; $f(0))',
  '($f := function($n){ 1 + $f($n + 1) }; $f(0))',
  '[1..10000000]',
  '$sum($map([1..100000], function($i){ $sum([1..1000]) }))',
  '($f := function($s, $n){ $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("aaaaaaaaaa", 60)))',
  '($f := function($s, $n){ $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $count($f([1, 2, 3], 60)))',
  '($f := function($s, $n){ $n = 0 ? $s : $f({"l": $s, "r": $s}, $n - 1) }; $string($f({}, 60)))',
  '($f := function($s, $n){ $n = 0 ? $s : $f({"l": $s, "r": $s}, $n - 1) }; $f({}, 60) = $f({}, 60))',
  '($f := function($s, $n){ $n = 0 ? $s : $f({"l": $s, "r": $s}, $n - 1) }; $count($f({}, 60).**))',
  '$pad("a", 100000000)',
  '$replace(long, "a", long)',
  'items[price in $$.items.price]',
  'items.($x := price; $count($$.items[price = $x]))',
  '$map(items, function($i){ $filter($$.items, function($j){ $j.price = $i.price }) })',
  '$distinct(items)',
  '$sort(items, function($a, $b){ $a.sku < $b.sku })',
  'items^(>sku, price){sku: price}',
  '$map(items, function($i){ $lowercase($$.long) })',
  '$map(items, function($i){ $string($$.items) })',
  '$exists(**.nothing) or $count(**) = 0',
  '$string(deep) = "" or deep = items',
  '$contains(words, /(\\w+)\\s(\\w+)\\s(\\w+)x/)',
  '$match(long, /a/)',
  '$contains(long, /a+b/)',
  '$toMillis(words, "[Y]-[M]-[D]")',
  '$toMillis(long, $join(["[f", "1]", "[f", "1]"]))',
  '$fromMillis(1, "[Y,99999999]")',
  '$map([1..100000], function($i){ $fromMillis($i, "[Y]-[M]-[D]") })',
  '$eval("[1..10000000]")',
  'items@$i.items@$j[$i.price = $j.price]',
]; // prettier-ignore

test.each(rules)('%s ends soon over a hostile event', async (rule) => {
  const expression = compile(rule);
  const started = performance.now();
  const result = await expression.test(hostile, {});
  expect(performance.now() - started).toBeLessThan(patienceMs);
  expect(['boolean', 'object']).toContain(typeof result);
});

test.each([
  '/^(a+)+$/',
  '/(a|a)*b/',
  '/(a|aa)+$/',
  '/([a-zA-Z0-9])(([.-]|_+)?([a-zA-Z0-9]+))*@x/',
  '/(x+x+)+y/',
  '/(.*)*x/',
  '/(a{1,30}){1,30}b/',
  '/(a?){25}a{25}/',
  '/(?=(a+)+b)a/',
])('%s is refused when it is loaded', (regex) => {
  expect(() => compile(`$contains(text, ${regex})`)).toThrow(/is refused: /);
  expect(() => compile(`$map(texts, $contains(?, ${regex}))`)).toThrow(/is refused: /);
});

test.each([
  '/^[^@]+@[^@]+\\.[^@]+$/',
  '/utm_[a-z]+=([^&]*)/',
  '/^(?:[a-z0-9]+-)*[a-z0-9]+$/',
  '/\\b(checkout|cart|basket)\\b/i',
  '/(\\w+)\\s(\\w+)/',
  '/^https?:\\/\\/([^\\/]+)\\/(products|cart)\\/?/',
  '/\\d{1,3}\\.\\d{1,3}/',
  '/^\\s+|\\s+$/',
])('%s is accepted, and ends soon on the longest text that it is given', (regex) => {
  const expression = compile(`$contains(text, ${regex})`);
  for (const piece of ['a', 'a ', 'a-', 'a@', ' ', '0', 'http://', 'utm_a=']) {
    for (const length of [69, 199, 1_999, 60_000]) {
      const started = performance.now();
      const result = expression.test({ text: `${piece.repeat(Math.floor(length / piece.length))}\n` });
      expect(performance.now() - started).toBeLessThan(patienceMs);
      expect(result === true || result === false || result).toBeTruthy();
    }
  }
});

test('a regular expression that $eval makes is looked at too', async () => {
  const result = await compile('$eval("$contains(text, /^(a+)+$/)")').test({ text: `${'a'.repeat(60)}!` });
  expect(result).toEqual({ code: 'D3121' });
});

test('a picture of a time that is ambiguous is refused', () => {
  expect(() => compile('$toMillis(time, "[f1][f1][f1][f1]")')).toThrow(ExpressionError);
  expect(compile('$toMillis(time, picture)').test({ time: '1'.repeat(90), picture: '[f1][f1][f1]' })).toEqual({
    code: 'D1012',
  });
  expect(compile('$toMillis(time, "[Y0001]-[M01]-[D01]") > 0').test({ time: '2026-03-01' })).toBe(true);
});

test('an expression that is too long or nested too deep is refused', () => {
  expect(() => compile(`"${'a'.repeat(9_000)}"`)).toThrow(/the limit is 8192/);
  expect(() => compile('('.repeat(4_000) + '1' + ')'.repeat(4_000))).toThrow(ExpressionError);
  expect(() => compile(Array(4_000).fill('a').join('+'))).toThrow('nested too deep');
  expect(() => compile(`${'('.repeat(30)}a${' ?? 1)'.repeat(30)}`)).toThrow('come after a bracket');
});

test('a range may be counted without being made', () => {
  expect(compile('[1..10000000] ~> $count()').evaluate({})).toBe(10_000_000);
  expect(() => compile('$count([0..10000000])').evaluate({})).toThrow(expect.objectContaining({ code: 'D2014' }));
});
