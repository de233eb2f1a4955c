import { expect, test } from 'vitest';
import { ExpressionError, lint } from '../../src/jsonata/index.ts';

const codes = (expression: string): readonly string[] => lint(expression).map(({ code }) => code);

test.each([
  'event_type = "Purchase"',
  'event_properties.items[0].price > 10',
  '"x" in event_properties.items[price > 10].sku',
  '$exists($identifier) and $count(items) > 1',
  '($x := a; $x = 1)',
  '$filter(items, function($i, $k){ $i.price > $k })',
  '$now() > time',
  'items@$i#$k.{"sku": $i.sku, "at": $k}',
  'items[0]#$k.$k',
  '$not(user_id = null)',
  'items[$lowercase(sku) = "a"]',
])('nothing is odd about %s', (expression) => {
  expect(lint(expression)).toEqual([]);
});

test.each([
  'items[price > 1].sku = "x"',
  'user_properties.* = "pro"',
  '**.sku != "x"',
  '$keys($) = "a"',
  '1 < $map(a, $number)',
])('%s compares what may be a list', (expression) => {
  expect(codes(expression)).toEqual(['changes-type']);
});

test('!= null is told to be false for what is missing', () => {
  expect(lint('user_id != null')).toEqual([
    { code: 'missing-is-not-null', position: 10, message: expect.stringContaining('$exists') },
  ]);
});

test('a function that is not there is told, with what may be meant', () => {
  expect(lint('$lowerCase(a)')).toMatchObject([
    { code: 'unknown-variable', message: expect.stringContaining('$lowercase') },
  ]);
  expect(lint('contains(a, "b")')).toMatchObject([
    { code: 'unknown-function', message: expect.stringContaining('$contains(…)') },
  ]);
  expect(codes('$user = "a"')).toContain('unknown-variable');
});

test.each(['true', '1 = 1', '$lowercase("A") = "a"', '($x := 1; $x > 0)'])(
  '%s does not depend on the event',
  (expression) => {
    expect(codes(expression)).toEqual(['constant']);
  },
);

test('what does not parse is an error', () => {
  expect(() => lint('a =')).toThrow(ExpressionError);
});
