import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDate, parseTime } from '../../src/simulator/times.ts';

const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });

test('an ISO 8601 time is read as what it is', () => {
  fc.assert(
    fc.property(dates, (date) => {
      expect(parseTime(date.toISOString())).toBe(date.getTime());
      expect(parseTime(date.toISOString().replace(/\.(\d{3}Z)$/, ':$1'))).toBe(date.getTime());
      expect(parseTime(date.toISOString().slice(0, 10))).toBe(Date.parse(date.toISOString().slice(0, 10)));
    }),
  );
});

test('an offset is taken off', () => {
  fc.assert(
    fc.property(dates, fc.constantFrom('+', '-'), fc.nat(14), fc.nat(59), (date, sign, hours, minutes) => {
      const text = (number: number) => String(number).padStart(2, '0');
      const local = date.toISOString().slice(0, -1);
      const expected = Date.parse(`${local}${sign}${text(hours)}:${text(minutes)}`);
      expect(parseTime(`${local}${sign}${text(hours)}:${text(minutes)}`)).toBe(expected);
      expect(parseTime(`${local}${sign}${text(hours)}${text(minutes)}`)).toBe(expected);
    }),
  );
});

test('what is no time is none, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!/^\d{4}-\d{2}-\d{2}/.test(text));
      expect(parseTime(text)).toBeUndefined();
    }),
  );
});

test.each(['2026-00-01', '2026-13-01', '2026-02-29', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-1-1'])(
  '%s is no time',
  (text) => {
    expect(parseTime(text)).toBeUndefined();
  },
);

test.each(['2026-01-01T00:00:00', '2026-01-01 00:00:00', '2026-01-01', '01/31/2026', 'Thu 01 01 00:00:00.UTC 2026'])(
  '%s is a date in an attribute',
  (text) => {
    expect(isDate(text)).toBe(true);
  },
);

test.each(['', 'tomorrow', '1/31/2026', '1767225600'])('%j is no date in an attribute', (text) => {
  expect(isDate(text)).toBe(false);
});
