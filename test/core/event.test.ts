import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cameFromBraze, eventNameOf, isEvent, isRecord, ownValue, timeOf } from '../../src/core/event.ts';

const storedAt = Date.UTC(2026, 0, 31, 9);
const stored = '2026-01-31T09:00:00.000Z';

describe('an event', () => {
  test.each([
    [{ event_type: 'Purchase' }],
    [{ event_type: '$identify', user_properties: {} }],
    [{ event_type: ' ' }],
    [{ user_id: 'u-1', user_properties: { plan: 'gold' } }],
    [{ user_properties: {} }],
  ])('%j is one', (value) => {
    expect(isEvent(value)).toBe(true);
  });

  test.each([
    [null],
    [undefined],
    ['Purchase'],
    [[]],
    [[{ event_type: 'Purchase' }]],
    [{}],
    [{ event_type: '' }],
    [{ event_type: null, user_properties: {} }],
    [{ event_type: 7 }],
    [{ user_properties: [] }],
    [{ user_properties: null }],
  ])('%j is none', (value) => {
    expect(isEvent(value)).toBe(false);
  });

  test('has the name of its type, as it is', () => {
    expect(eventNameOf({ event_type: ' [Amplitude] Page Viewed' })).toBe(' [Amplitude] Page Viewed');
  });

  test.each([[{ event_type: '$identify' }], [{ event_type: '$groupidentify' }], [{ user_properties: {} }]])(
    '%j has no name, since it is never sent as an event',
    (event) => {
      expect(eventNameOf(event)).toBeUndefined();
    },
  );
});

describe('the time of an event', () => {
  test.each([
    ['2022-02-28 20:07:01.795000', '2022-02-28T20:07:01.795Z'],
    ['2022-02-28 20:07:01.795', '2022-02-28T20:07:01.795Z'],
    ['2022-02-28 20:07:01.123456789', '2022-02-28T20:07:01.123Z'],
    ['2022-02-28 20:07:01', '2022-02-28T20:07:01.000Z'],
    ['2022-02-28T20:07:01.795000', '2022-02-28T20:07:01.795Z'],
    ['2022-02-28T20:07:01Z', '2022-02-28T20:07:01.000Z'],
    ['2022-02-28T20:07:01+01:00', '2022-02-28T19:07:01.000Z'],
    ['2022-02-28 20:07:01-05:30', '2022-03-01T01:37:01.000Z'],
    ['0001-01-01 00:00:00', '0001-01-01T00:00:00.000Z'],
  ])('is the event_time %s of an export, in UTC', (event_time, time) => {
    expect(timeOf({ event_time, time: 0 }, storedAt)).toBe(time);
  });

  test.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [1_646_078_821_795, '2022-02-28T20:07:01.795Z'],
    [1_646_078_821_795.9, '2022-02-28T20:07:01.795Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
    [253_402_300_799_999, '9999-12-31T23:59:59.999Z'],
  ])('is the time %d of the HTTP API', (time, expected) => {
    expect(timeOf({ time }, storedAt)).toBe(expected);
    expect(timeOf({ time, event_time: null }, storedAt)).toBe(expected);
  });

  test.each([
    ['an invalid month', { event_time: '2022-13-28 20:07:01' }],
    ['an invalid hour', { event_time: '2022-02-28 25:07:01' }],
    ['no time of day', { event_time: '2022-02-28' }],
    ['a zone by name', { event_time: '2022-02-28 20:07:01 CET' }],
    ['other words', { event_time: 'yesterday' }],
    ['text around it', { event_time: ' 2022-02-28 20:07:01 ' }],
    ['a number', { event_time: 1_646_078_821_795 }],
    ['a time as text', { time: '1646078821795' }],
    ['microseconds by mistake', { time: 1_646_078_821_795_000 }],
    ['a time beyond what a date can hold', { time: 8.64e15 + 1 }],
    ['a time before what a date can hold', { time: -8.64e15 - 1 }],
    ['a time that is no number', { time: Number.NaN }],
    ['a time in an object', { time: { $date: 0 } }],
    ['neither', {}],
  ])('is when the stream stored it, given %s', (_, event) => {
    expect(timeOf(event, storedAt)).toBe(stored);
  });

  test('an event_time that cannot be read gives way to time', () => {
    expect(timeOf({ event_time: 'yesterday', time: 0 }, storedAt)).toBe('1970-01-01T00:00:00.000Z');
  });

  test('is always a time, whatever an event holds', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.date().map(String), fc.string());
    fc.assert(
      fc.property(value, value, (event_time, time) => {
        const text = timeOf({ event_time, time }, storedAt);
        expect(new Date(text).toISOString()).toBe(text);
      }),
    );
  });

  test('of an export is the same moment as of the HTTP API', () => {
    const moment = fc.date({ min: new Date('1970-01-01Z'), max: new Date('9999-12-31Z'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const event_time = date.toISOString().replace('T', ' ').replace('Z', '000');
        expect(timeOf({ event_time }, storedAt)).toBe(timeOf({ time: date.getTime() }, storedAt));
      }),
    );
  });
});

test('a record is an object that is no list', () => {
  expect([{}, JSON.parse('{"__proto__": 1}'), Object.create(null)].map(isRecord)).toEqual([true, true, true]);
  expect([null, undefined, [], 'text', 7, true].map(isRecord)).toEqual([false, false, false, false, false, false]);
});

describe('an own value', () => {
  test('is what the container itself holds, be it null', () => {
    expect(ownValue({ a: 1 }, 'a')).toBe(1);
    expect(ownValue({ a: null }, 'a')).toBeNull();
    expect(ownValue(JSON.parse('{"__proto__":"own"}'), '__proto__')).toBe('own');
  });

  test.each(['constructor', 'toString', '__proto__', 'a'])('is not what every object has: %s', (name) => {
    expect(ownValue({}, name)).toBeUndefined();
  });

  test.each([[null], [undefined], ['text'], [7], [['a']]])('is in no %j', (container) => {
    expect(ownValue(container, 'length')).toBeUndefined();
    expect(ownValue(container, '0')).toBeUndefined();
  });
});

test.each([
  [{ event_type: '[Appboy] Email Open' }, true],
  [{ event_type: '[Appboy] [Custom Event] Purchase' }, true],
  [{ event_type: '[Braze Custom Event] Purchase' }, true],
  [{ event_type: 'Email Open', library: 'Braze' }, true],
  [{ event_type: 'Email Open', library: 'amplitude-ts/2.0' }, false],
  [{ event_type: 'Appboy' }, false],
  [{ event_type: null }, false],
  [{}, false],
])('whether %j came from Braze: %j', (event, expected) => {
  expect(cameFromBraze(event)).toBe(expected);
});
