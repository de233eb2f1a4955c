/** Events that come again from the dead letters, at any time after they failed. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import { including, type Position } from '../../src/profiles/position.ts';
import type { State } from '../../src/profiles/state.ts';
import { step } from '../../src/profiles/step.ts';
import { at, event, exported, identify, selecting } from './braze-user.ts';
import { frozen } from './frozen.ts';

function replayed(sequence: number, index = 0): Position {
  return { ...at(sequence, index), replayed: true };
}

const shop = selecting(['plan', 'visits']);

/** The state after events at these places. */
function after(...events: readonly (readonly [Position, AmplitudeEvent])[]): State | undefined {
  return events.reduce<State | undefined>(
    (state, [position, value]) => step(frozen(state), frozen(value), position, shop).state,
    undefined,
  );
}

test('an event that the state contains changes nothing, and what the user has now is sent again', () => {
  const visit = identify({ $add: { visits: 1 } });
  const state = after([at(1), visit], [at(2), visit]);
  const result = step(frozen(state), visit, replayed(1), shop);
  expect(result).toMatchObject({ kind: 'update', attributes: { visits: 2 }, reports: [] });
  expect(result.state?.values).toEqual(state?.values);
});

test.each([
  ['a value that was set', identify({ $set: { plan: 'free' } }), { plan: 'pro' }],
  ['a value that was taken away', identify({ $unset: { plan: '-' } }), { plan: 'pro' }],
  ['a plain key', event({ plan: 'free', visits: 9 }), { plan: 'pro', visits: null }],
  ['a snapshot', exported({ plan: 'free' }), { plan: 'pro', visits: null }],
])('%s that a newer event overtook takes the user nowhere back', (_, late, attributes) => {
  const state = after([at(5), identify({ $set: { plan: 'pro' } })]);
  const result = step(frozen(state), late, replayed(4), shop);
  expect(result).toMatchObject({ kind: 'update', attributes });
  expect(result.state?.values).toEqual(state?.values);
  expect(result.reports.map(({ why }) => why)).toContain('overtaken');
});

test('an event that nothing overtook is applied, and so is the one after it', () => {
  const state = after(
    [at(3), identify({ $set: { plan: 'free' } })],
    [replayed(4), identify({ $add: { visits: 1 } })],
    [replayed(5), identify({ $add: { visits: 1 } })],
  );
  expect(state?.values).toEqual(['free', 2]);
});

test('events of a user of whom nothing is known are applied, however old they are', () => {
  const state = after(
    [replayed(4), identify({ $add: { visits: 1 } })],
    [replayed(9), identify({ $add: { visits: 1 } })],
  );
  expect(state?.values).toEqual([undefined, 2]);
});

test('an event from before the stream was made anew changes nobody who is known', () => {
  const [early, known] = [identify({ $set: { plan: 'free' } }), after([at(1), identify({ $set: { plan: 'pro' } })])];
  expect(step(frozen(known), early, replayed(0), shop)).toMatchObject({ attributes: { plan: 'pro' } });
  expect(step(undefined, early, replayed(0), shop)).toMatchObject({ attributes: { plan: 'free' } });
  const otherStream = { ...replayed(0), stream: 2 };
  expect(step(frozen(known), early, otherStream, shop)).toMatchObject({ attributes: { plan: 'pro' } });
});

test('an event that says nothing of what is selected sends nothing again', () => {
  const state = after([at(1), identify({ $set: { plan: 'pro' } })]);
  expect(step(frozen(state), event({ shoe_size: 38 }), replayed(1), shop)).toMatchObject({
    kind: 'repeated',
    attributes: undefined,
  });
});

test('a user who still has no identifier is unidentified again, and one who has it now is sent', () => {
  const byCrm = selecting(['plan'], {
    identifier: { property: 'crm', read: (value) => (typeof value === 'string' ? value : undefined) },
  });
  const signUp = identify({ $set: { plan: 'pro' } });
  const { state } = step(undefined, signUp, at(1), byCrm);
  expect(step(frozen(state), signUp, replayed(1), byCrm)).toMatchObject({
    kind: 'unidentified',
    attributes: undefined,
  });
  const identified = step(frozen(state), identify({ $set: { crm: 'c-1' } }), at(2), byCrm).state;
  expect(step(frozen(identified), signUp, replayed(1), byCrm)).toMatchObject({
    kind: 'update',
    identifier: 'c-1',
    attributes: { plan: 'pro' },
  });
});

test('the creation of a user that Braze refused is sent again', () => {
  const bare = selecting([], { createUsers: true });
  const { state } = step(undefined, event(), at(1), bare);
  expect(step(frozen(state), event(), replayed(1), bare)).toMatchObject({ kind: 'update', attributes: {} });
});

test('a replay moves no mark back behind which everything is settled', () => {
  const many = Array.from({ length: 32 }, (_, index) => [101 + index, 0] as const);
  const { through } = including({ stream: 1, through: 100, messages: many }, replayed(50));
  expect(through).toBeGreaterThanOrEqual(100);
});

describe('whatever is replayed', () => {
  const value = fc.constantFrom('free', 'pro', 1, 2);
  const name = fc.constantFrom('plan', 'visits');
  const events = fc.array(
    fc.oneof(
      fc.tuple(name, value).map(([key, set]) => identify({ $set: { [key]: set } })),
      name.map((key) => identify({ $unset: { [key]: '-' } })),
      fc.integer({ min: 1, max: 3 }).map((add) => identify({ $add: { visits: add } })),
      fc.tuple(name, value).map(([key, plain]) => event({ [key]: plain })),
    ),
    { minLength: 1, maxLength: 12 },
  );

  test('nobody is taken back, and only what a user has is sent', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(), { maxLength: 12 }), (all, picks) => {
        let state = after(...all.map((one, index) => [at(index + 1), one] as const));
        const values = state?.values;
        for (const pick of picks) {
          const place = pick % all.length;
          const result = step(frozen(state), frozen(all[place] as AmplitudeEvent), replayed(place + 1), shop);
          for (const [key, sent] of Object.entries(result.attributes ?? {}))
            expect(sent).toEqual(values?.[key === 'plan' ? 0 : 1] ?? null);
          expect(result.state?.values ?? shop.blank).toEqual(values ?? shop.blank);
          state = result.state;
        }
      }),
    );
  });
});
