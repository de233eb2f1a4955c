import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRelevant } from '../../src/profiles/relevance.ts';
import { step } from '../../src/profiles/step.ts';
import { at, event, exported, identify, selecting } from './braze-user.ts';
import { names, updates } from './model.ts';

const plans = selecting(['plan', 'country']);

test.each([
  ['a plain key', event({ plan: 'pro' })],
  ['an operation', identify({ $unset: { plan: '-' } })],
  ['the end of all properties', identify({ $clearAll: '-' })],
  ['a snapshot, by what it lacks', exported({})],
  ['a built-in property', event(undefined, { country: 'France' })],
])('%s needs the state', (_, said) => {
  expect(isRelevant(said, plans)).toBe(true);
});

test.each([
  ['no properties', event()],
  ['other properties', event({ city: 'Lyon' }, { country: null, platform: 'iOS' })],
  ['operations on others', identify({ $set: { city: 'Lyon' } })],
  ['a group', { event_type: '$groupidentify', user_properties: { plan: 'pro' } }],
])('%s does not', (_, said) => {
  expect(isRelevant(said, plans)).toBe(false);
});

test('if users are sent by the identifier alone, any event of a user may be the first', () => {
  expect(isRelevant(event(), selecting([]))).toBe(true);
  expect(isRelevant(event(), selecting([], { createUsers: false }))).toBe(false);
});

test('an event that does not need the state changes nothing', () => {
  const some = selecting(names.slice(0, 3));
  fc.assert(
    fc.property(updates, updates, (before, said) => {
      const { state } = step(undefined, event(before), at(1), some);
      const next = step(state, event(said), at(2), some);
      fc.pre(!isRelevant(event(said), some));
      expect(next).toMatchObject({ kind: 'unchanged', attributes: undefined });
      expect(next.state).toBe(state);
    }),
  );
});
