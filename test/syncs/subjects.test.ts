import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { noTypeToken, typeToken } from '../../src/core/subject.ts';
import { subjectsOf } from '../../src/syncs/subjects.ts';
import { sampleSync } from './sample-sync.ts';

function subjects(rule: Readonly<Record<string, unknown>>, pattern = 'events.*.{type}') {
  return subjectsOf(sampleSync({ source: { subjects: pattern }, ...rule }));
}

test('subjects that do not tell the type stay as they are', () => {
  expect(subjects({ events: { select: ['Purchase'] } }, 'events.>')).toEqual({ all: 'events.>' });
});

test('where the subjects tell the type, those of the selected types are asked for, and of messages of several', () => {
  const select = ['Purchase', { event: 'Song Played', where: 'x > 1' }, 'Purchase'];
  expect(subjects({ events: { select } })).toEqual({
    all: 'events.*.*',
    selected: ['events.*.Purchase', 'events.*.Song%20Played', `events.*.${noTypeToken}`],
  });
});

test.for<[string, Record<string, unknown>, RegExp]>([
  ['all events are selected', { events: { select: ['Purchase', '*'] } }, /all events/],
  ['all events are selected on a condition', { events: { select: [{ event: '*', where: 'x' }] } }, /all events/],
  ['users are sent', { events: { select: ['a'] }, users: { properties: ['plan'] } }, /users/],
  ['no events are sent', { events: { send: false, select: ['a'] } }, /no events/],
  ['a property of the user is sent', { events: { select: ['a'], properties: ['user_properties.plan'] } }, /users/],
  [
    'a property of the user says who it is',
    { events: { select: ['a'] }, identifier: { property: 'user_properties.crm_id' } },
    /users/,
  ],
])('a sync needs every event if %s', ([, rule, because]) => {
  expect(subjects(rule)).toEqual({ all: 'events.*.*', because: expect.stringMatching(because) });
});

test('an event of a selected type is always asked for, whatever its name', () => {
  const type = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name.trim() !== '' && name !== '*');
  fc.assert(
    fc.property(fc.array(type, { minLength: 1, maxLength: 5 }), type, (selected, other) => {
      const asked = subjects({ events: { select: selected } }).selected ?? [];
      for (const name of selected) expect(asked).toContain(`events.*.${typeToken(name)}`);
      // Nothing else is, but for types that have no token, and lone surrogates, which are written as U+FFFD.
      const isSelected = selected.map((name) => name.toWellFormed()).includes(other.toWellFormed());
      const hasToken = typeToken(other) !== noTypeToken;
      expect(asked.includes(`events.*.${typeToken(other)}`)).toBe(isSelected || !hasToken);
    }),
  );
});
