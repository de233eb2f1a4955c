import * as fc from 'fast-check';
import { EMPTY, from, lastValueFrom, map, throwError, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import { discarded } from '../../src/core/message.ts';
import { identifierOf, identify } from '../../src/operators/identify.ts';
import { RecordedEnvelope } from '../recorded-message.ts';
import { marbles } from './marbles.ts';

const userId = identifierOf('user_id', { trim: false });
const crmId = identifierOf('user_properties.crm.id', { trim: false });

describe('a value', () => {
  test.each([
    ['u-1', 'u-1'],
    ['  u-1 ', '  u-1 '],
    ['0', '0'],
    ['none', 'none'],
    ['(None)', '(None)'],
    ['\u{1F600}', '\u{1F600}'],
    [0, '0'],
    [-1, '-1'],
    [12.5, '12.5'],
    [100_000_000_000, '100000000000'],
  ])('%j is an identifier, and is sent as the text %j', (value, identifier) => {
    expect(userId({ user_id: value })).toBe(identifier);
  });

  test.each([
    [undefined],
    [null],
    [''],
    [' '],
    ['\t\n\u00A0\u2003\uFEFF'],
    ['(none)'],
    [' (none) '],
    [true],
    [false],
    [['u-1']],
    [{ id: 'u-1' }],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
  ])('%j is none', (value) => {
    expect(userId({ user_id: value, device_id: 'never fallen back to' })).toBeUndefined();
  });

  test('of any JSON is an identifier exactly if it is text that is not blank, or a number', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.string({ unit: fc.constantFrom(' ', '\t', '\u2003', 'a', '(none)') })),
        (value) => {
          const present =
            typeof value === 'number' ||
            (typeof value === 'string' && !/^\s*$/u.test(value) && !/^\s*\(none\)\s*$/u.test(value));
          expect(userId({ user_id: value })).toBe(present ? String(value) : undefined);
        },
      ),
    );
  });

  test('is trimmed if that is asked for', () => {
    const email = identifierOf('user_properties.email', { trim: true });
    const of = (value: unknown) => email({ user_properties: { email: value } });
    expect(of(' Ada@Example.com\n')).toBe('Ada@Example.com');
    expect(of(' ')).toBeUndefined();
    expect(of(7)).toBe('7');
  });
});

describe('a field', () => {
  test.each(['user_id', 'device_id', 'amplitude_id'])('%s is read, and no other', (property) => {
    const read = identifierOf(property, { trim: false });
    const ids = { user_id: 'u', device_id: 'd', amplitude_id: 'a' };
    expect(read(ids)).toBe(ids[property as keyof typeof ids]);
    expect(read({ ...ids, [property]: null })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });
});

describe('a user property', () => {
  test.each([
    ['a plain one', { 'crm.id': 'p' }, 'p'],
    ['one that the event sets', { $set: { 'crm.id': 's' } }, 's'],
    ['one that the event sets once', { $setOnce: { 'crm.id': 'o' } }, 'o'],
    ['a plain one before one that is set, as it is applied last', { $set: { 'crm.id': 's' }, 'crm.id': 'p' }, 'p'],
    ['one that is set before one that is set once', { $setOnce: { 'crm.id': 'o' }, $set: { 'crm.id': 's' } }, 's'],
    ['one that is set where the plain one is null', { 'crm.id': null, $set: { 'crm.id': 's' } }, 's'],
    ['a number', { 'crm.id': 17 }, '17'],
  ])('is %s', (_, user_properties, identifier) => {
    expect(crmId({ user_properties })).toBe(identifier);
  });

  test.each([
    ['absent', {}],
    ['blank', { 'crm.id': ' ' }],
    ['a path, since its name holds a dot', { crm: { id: 'x' } }],
    ['an addition', { $add: { 'crm.id': 1 } }],
    ['of operations that are no object', { $set: 'x', $setOnce: ['x'] }],
    ['of no object', 'x'],
    ['of a list', [{ 'crm.id': 'x' }]],
    ['of null', null],
    ['of nothing', undefined],
  ])('that is %s is none', (_, user_properties) => {
    expect(crmId({ user_properties, 'user_properties.crm.id': 'x' })).toBeUndefined();
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'named %s is not what every object has',
    (name) => {
      const read = identifierOf(`user_properties.${name}`, { trim: false });
      expect(read({ user_properties: {} })).toBeUndefined();
      expect(read(JSON.parse(`{"user_properties":{"${name}":"own"}}`) as AmplitudeEvent)).toBe('own');
    },
  );
});

const identifyUser = identify('user_id', userId);

test('events with an identifier go on with it, the others are discarded and never retried', async () => {
  const events = [{ user_id: 'u-1' }, { user_id: null, device_id: 'd-1' }, { user_id: 17 }];
  const envelopes = events.map((event) => new RecordedEnvelope<AmplitudeEvent>(event));
  const identified = await lastValueFrom(from(envelopes).pipe(identifyUser, toArray()));
  expect(identified.map(({ value }) => value)).toEqual([
    { event: events[0], identifier: 'u-1' },
    { event: events[2], identifier: '17' },
  ]);
  expect(envelopes.map(({ outcome }) => outcome)).toEqual([
    undefined,
    discarded('unresolved_identifier', 'user_id has no value'),
    undefined,
  ]);
});

test('nothing in, nothing out; an error is passed on', async () => {
  expect(await lastValueFrom(EMPTY.pipe(identifyUser, toArray()))).toEqual([]);
  await expect(lastValueFrom(throwError(() => new Error('broken')).pipe(identifyUser))).rejects.toThrow('broken');
});

test('events leave in the moment in which they come', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-b-c-', {
      a: new RecordedEnvelope<AmplitudeEvent>({ user_id: 'x' }),
      b: new RecordedEnvelope<AmplitudeEvent>({}),
      c: new RecordedEnvelope<AmplitudeEvent>({ user_id: 'y' }),
    });
    const identifiers = source.pipe(
      identifyUser,
      map(({ value }) => value.identifier),
    );
    expectObservable(identifiers, '------!').toBe('-x---y-');
    expectSubscriptions(source.subscriptions).toBe('^-----!');
  });
});
