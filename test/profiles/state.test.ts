import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readState, type State, withUnsent, writeState } from '../../src/profiles/state.ts';
import { step } from '../../src/profiles/step.ts';
import { at, event, selecting } from './braze-user.ts';
import { names, updates } from './model.ts';

const all = selecting([...names, 'country']);

function stateAfter(properties: Record<string, unknown>): State {
  const { state } = step(undefined, event(properties, { country: 'FR' }), at(12, 3, 9), all);
  if (state === undefined) throw new Error('there is nothing to keep');
  return state;
}

test('a state is compact JSON that says what is known', () => {
  const state = withUnsent(stateAfter({ plan: 'pro', visits: 1, shoe_size: 38 }), { plan: 'pro' });
  expect(writeState(all, state)).toBe(
    '{"v":1,"s":[1,9],"m":[[12,3]],"p":{"plan":"pro","visits":1},"b":{"country":"FR"},"u":["plan"]}',
  );
});

test('a state that is too large for the server is kept without its largest values', () => {
  const state = stateAfter({ plan: 'x'.repeat(900), visits: 1, shoe_size: 38 });
  const leftOut: string[] = [];
  const text = writeState(all, state, 200, () => leftOut.push('value'));
  expect(text).toBe('{"v":1,"s":[1,9],"m":[[12,3]],"p":{"visits":1},"b":{"country":"FR"}}');
  expect(leftOut).toEqual(['value']);
});

test('any state is read as it was written', () => {
  fc.assert(
    fc.property(updates, (properties) => {
      const state = stateAfter(properties);
      expect(readState(all, writeState(all, state))).toEqual({ state });
    }),
  );
});

test('a state outlives a change of the selection', () => {
  const text = writeState(all, stateAfter({ plan: 'pro', visits: 1 }));
  const fewer = selecting(['city', 'visits']);
  const read = readState(fewer, text);
  const state = 'state' in read ? read.state : undefined;
  expect(fewer.slots.map(({ name }, slot) => [name, state?.values[slot]])).toEqual([
    ['city', undefined],
    ['visits', 1],
    // The built-in property of this name.
    ['city', undefined],
  ]);
});

test.each([
  ['', 'is not JSON'],
  ['{"v":1', 'is not JSON'],
  ['null', 'is not a JSON object'],
  ['[]', 'is not a JSON object'],
  ['{}', 'is of no version'],
  ['{"v":2,"secret":"x"}', 'is of version 2, and this program reads version 1'],
  ['{"v":1}', 'does not say which events it contains'],
  ['{"v":1,"s":[1],"m":[]}', 'does not say which events it contains'],
  ['{"v":1,"s":[1,2],"m":[[1]]}', 'does not say which events it contains'],
  ['{"v":1,"s":[1,-2],"m":[]}', 'does not say which events it contains'],
  ['{"v":1,"s":[1,2],"m":[],"p":[]}', 'holds something else than values by name'],
  ['{"v":1,"s":[1,2],"m":[],"b":1}', 'holds something else than values by name'],
  ['{"v":1,"s":[1,2],"m":[],"u":[1]}', 'holds something else than values by name'],
  [`{"v":1,"s":[1,2],"m":[],"p":{"plan":${'['.repeat(9_999)}${']'.repeat(9_999)}}}`, 'holds something else'],
])('what is no state is said to be none: %.40s', (text, words) => {
  const read = readState(all, text);
  expect(read).toEqual({ fault: expect.stringContaining(words) });
  expect(JSON.stringify(read)).not.toContain('secret');
});

test('whatever is read, nothing is thrown', () => {
  const state = fc.record({ v: fc.constant(1), s: fc.jsonValue(), m: fc.jsonValue(), p: fc.jsonValue() });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        state.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        const read = readState(all, text);
        expect('state' in read !== 'fault' in read).toBe(true);
      },
    ),
  );
});
