import { expect, test, vi } from 'vitest';
import { compile, ExpressionError } from '../../src/jsonata/index.ts';

test('an expression is compiled, and answers without a promise', () => {
  const expression = compile('event_type = "Purchase"');
  expect(expression).toMatchObject({ source: 'event_type = "Purchase"', mode: 'compiled' });
  expect(expression.test({ event_type: 'Purchase' })).toBe(true);
  expect(expression.evaluate({ event_type: 'Search' })).toBe(false);
  expect(expression.toSource()).toContain('input.event_type');
});

test.each([
  ['items@$i.$i', 'it joins'],
  ['items#$i.$i', 'it joins'],
  ['items.%', 'with %'],
  ['$ ~> |a|{"b": 1}|', 'it transforms'],
  ['$map(items, $contains(?, "a"))', 'partially'],
  ['$eval("1")', '$eval'],
  ['[$x := 1, $x]', 'bound inside of a constructor'],
])('%s is interpreted, with the reason', async (source, reason) => {
  const expression = compile(source);
  expect(expression.mode).toBe('interpreted');
  expect(expression.interpretedBecause).toContain(reason);
  expect(expression.toSource()).toBeUndefined();
  expect(await expression.test({})).toSatisfy((truth) => truth === true || truth === false);
});

test('an expression that does not parse says where', () => {
  expect(() => compile('user_id = ')).toThrow(ExpressionError);
  expect(() => compile('a[')).toThrow(expect.objectContaining({ code: 'S0203', position: 2 }));
});

test.each([
  ['missing', false],
  ['$exists(missing)', false],
  ['""', false],
  ['0', false],
  ['[0, []]', false],
  ['[0, 1]', true],
  ['{}', false],
  ['{"a": 1}', true],
  ['null', false],
  ['$sum', false],
  ['1/0', { code: 'D1001' }],
  ['user_id > 1', { code: 'T2009' }],
  ['1 + user_id', { code: 'T2002' }],
  ['$number(user_id)', { code: 'D3030' }],
  ['$error("no")', { code: 'D3137' }],
  ['$nothing()', { code: 'T1006' }],
  ['(null)(1)', { code: 'D1000' }],
])('the test of %s is %j', (source, truth) => {
  expect(compile(source).test({ user_id: 'u' })).toEqual(truth);
});

test('bindings are read by name, and may be missing', () => {
  const expression = compile('$exists($identifier) and $identifier != blocked');
  expect(expression.test({ blocked: 'x' }, { identifier: 'u' })).toBe(true);
  expect(expression.test({ blocked: 'u' }, { identifier: 'u' })).toBe(false);
  expect(expression.test({}, {})).toBe(false);
  expect(expression.test({})).toBe(false);
});

test('a binding replaces a built-in of the same name, for that call alone', () => {
  const expression = compile('$sum');
  expect(expression.evaluate({}, { sum: 5 })).toBe(5);
  expect(expression.evaluate({})).toBeTypeOf('function');
  expect(() => compile('$count([1])').evaluate({}, { count: 1 })).toThrow(expect.objectContaining({ code: 'T1006' }));
});

test.each([undefined, null, 'text', 5, true, [], [1, 2], [{ a: 1 }]])('the input may be %j', (input) => {
  expect(compile('$$').evaluate(input)).toEqual(input);
  expect(compile('$exists(a)').evaluate(input)).toBe(Array.isArray(input) && typeof input[0] === 'object');
});

test('an event is never written to', () => {
  const event = freeze({ items: [], one: [{ a: 1 }], list: [{ a: 2 }, { a: 1 }], deep: { x: [[1], []] } });
  for (const source of [
    'items{"k": 1}',
    'items[]',
    'one[]',
    'list^(a)',
    '$sort(deep.x[0])',
    '$append(list, one)',
    '$reverse(list)',
    '$map(list, function($v){ $v })',
    'list.a[]',
    '$merge(list)',
    '$distinct(list)',
    '**[]',
    'list{$string(a): $}',
  ])
    expect(compile(source).test(event)).toBeTypeOf('boolean');
  expect(JSON.stringify(event)).toBe('{"items":[],"one":[{"a":1}],"list":[{"a":2},{"a":1}],"deep":{"x":[[1],[]]}}');
});

test('an interpreted expression works on a copy of the event', async () => {
  const event = freeze({ a: { b: 1 }, items: [] });
  expect(await compile('($clone := function($x){ $x }; $ ~> |a|{"b": 2}|)').evaluate(event)).toEqual({
    a: { b: 2 },
    items: [],
  });
  expect(event.a.b).toBe(1);
});

/** The reference keeps its books in properties with these names and reads them from data; here they are names like any other. */
test.each([
  '_jsonata_lambda',
  '_jsonata_function',
  'outerWrapper',
  'tupleStream',
  'sequence',
  'keepSingleton',
  'cons',
  'thunk',
  'signature',
  '__proto__',
  'constructor',
  'length',
])('an event with the property %s is plain data', (name) => {
  const event = JSON.parse(`{"a": {"${name}": true, "b": 1}, "${name}": true}`) as unknown;
  expect(compile('a.b = 1 and $.a.b = 1').test(event)).toBe(true);
  expect(compile('$type(a) & $type($)').evaluate(event)).toBe('objectobject');
  expect(compile(`a.\`${name}\``).evaluate(event)).toBe(true);
  expect(JSON.stringify(compile('$keys(a)').evaluate(event))).toBe(JSON.stringify([name, 'b']));
  expect(compile(`a ? 1 : 2`).evaluate(event)).toBe(1);
});

test('a failure of evaluate has the code and a message', () => {
  expect(() => compile('1 + "a"').evaluate({})).toThrow(
    expect.objectContaining({ code: 'T2002', message: expect.stringContaining('must be a number') }),
  );
});

test('evaluations do not share what they have spent', () => {
  const expression = compile('$sum([1..2000])');
  for (let i = 0; i < 2_000; i++) expect(expression.evaluate({})).toBe(2_001_000);
});

test('the clock stands still during an evaluation', () => {
  expect(compile('$millis() = ($sum([1..100000]); $millis())').evaluate({})).toBe(true);
});

test('a time without a date is on the day of the evaluation', () => {
  const expression = compile('$fromMillis($toMillis("13:45", "[H]:[m]"))');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5) });
  expect(expression.evaluate({})).toBe('2026-01-05T13:45:00.000Z');
  vi.setSystemTime(Date.UTC(2026, 0, 6));
  expect(expression.evaluate({})).toBe('2026-01-06T13:45:00.000Z');
  vi.useRealTimers();
});

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
