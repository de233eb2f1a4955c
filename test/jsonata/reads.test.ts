import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRecord } from '../../src/core/event.ts';
import { builtins } from '../../src/jsonata/builtins/table.ts';
import { type FieldPath, readsOf } from '../../src/jsonata/index.ts';
import { event, filter } from './events.ts';
import { expression, input } from './grammar.ts';
import { outcomesOf, reducedTo } from './reduced.ts';

test.each<[string, readonly FieldPath[]]>([
  ['1 + 1', []],
  ['$exists($identifier)', []],
  ['platform', [['platform']]],
  ['event_properties.price > 10 and platform = "iOS"', [['event_properties', 'price'], ['platform']]],
  ['event_properties.`a.b`', [['event_properties', 'a.b']]],
  ['$.user_id & $$.device_id', [['user_id'], ['device_id']]],
  ['$count(event_properties.items[price > 10 and quantity = 1])', [['event_properties', 'items']]],
  ['event_properties.items[$$.platform = "iOS"].price', [['platform'], ['event_properties', 'items']]],
  ['event_properties[price > 10].items', [['event_properties']]],
  ['event_properties.items.(price.value)', [['event_properties', 'items']]],
  ['event_properties.*', [['event_properties']]],
  ['event_properties.$keys()', [['event_properties']]],
  ['event_properties.(price * quantity)', [['event_properties']]],
  ['{"a": user_id, platform: event_properties.price}', [['user_id'], ['platform'], ['event_properties', 'price']]],
  ['($p := event_properties; $p.price ~> $string())', [['event_properties']]],
  ['$map(event_properties.items, function($i) { $i.price * time })', [['event_properties', 'items'], ['time']]],
  ['event_type in ["a", country]', [['event_type'], ['country']]],
  ['user_id ? platform : language', [['user_id'], ['platform'], ['language']]],
  ['event_properties.items^(>price)[0].name', [['event_properties', 'items']]],
])('%s reads so much', (source, paths) => {
  expect(new Set(readsOf(source))).toEqual(new Set(paths));
});

test.each([
  '$',
  '$$',
  '*',
  '**.price',
  '$keys()',
  '$keys($)',
  '$lookup("user_id")',
  '$sift(function($v) { $v = 1 })',
  '"a" ~> $lookup()',
  '($f := $keys; $f())',
  '($uppercase := $keys; $uppercase())',
  '$map([$keys], function($uppercase) { $uppercase() & "" })',
  'function($length) { $length() }($keys)',
  '($f := function($x)<x-:x> { $x }; $f())',
  '$[user_id = 1]',
  'event_properties.items[$count($keys($$)) > 1]',
  '$eval("user_id")',
  'event_properties@$p.price',
])('%s may read all', (source) => {
  expect(readsOf(source)).toBeUndefined();
});

test('an expression that does not parse reads nothing', () => {
  expect(() => readsOf('a b')).toThrow(expect.objectContaining({ name: 'ExpressionError', code: 'S0201' }));
});

test('each built-in that can take an object from its context may read all without an argument', () => {
  const taking = [...builtins.values()].filter(({ definition }) =>
    /^<(?:[xojau]|\([^)]*[xojau][^)]*\))-/.test(definition),
  );
  expect(taking.length).toBeGreaterThan(5);
  for (const { name, definition } of taking) {
    expect([definition, readsOf(`$${name}()`)]).toEqual([definition, undefined]);
  }
});

test.each([
  ['of the whole language', expression, input],
  ['as people write them, over spoilt events', filter, event],
])('expressions %s have the same result over what they read', (_, expressions, inputs) => {
  const counts = { reduced: 0 };
  fc.assert(
    fc.property(expressions, inputs, (source, given) => {
      const paths = pathsOf(source);
      if (paths === undefined || !isRecord(given)) return;
      const reduced = reducedTo(paths, given);
      if (JSON.stringify(reduced) !== JSON.stringify(given)) counts.reduced++;
      expect(outcomesOf(source, reduced, bindings)).toEqual(outcomesOf(source, given, bindings));
    }),
    { numRuns: 3_000 },
  );
  expect(counts.reduced).toBeGreaterThan(200);
});

const bindings = { identifier: 'u', bound: [1, { a: 2 }] };

function pathsOf(source: string): readonly FieldPath[] | undefined {
  try {
    return readsOf(source);
  } catch {
    return undefined;
  }
}
