/**
 * The time formats that Braze documents
 * (https://www.braze.com/docs/api/objects_filters/event_object,
 * https://www.braze.com/docs/api/objects_filters/user_attributes_object#custom-attribute-data-types).
 */

/**
 * ISO 8601 with a date in front, also with a space for the `T` and before the offset, as recorded from the real API,
 * and `yyyy-MM-dd'T'HH:mm:ss:SSSZ`, with its colon before the milliseconds.
 */
const timePattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

const slashedDate = /^\d{2}\/\d{2}\/\d{4}$/;
const namedDay = /^[A-Z][a-z]{2} \d{2} \d{2} \d{2}:\d{2}:\d{2}\.\S+ \d{4}$/;

/** The milliseconds since 1970 of an event's or a purchase's `time`, or undefined if it is in no documented format. */
export function parseTime(text: string): number | undefined {
  const parts = timePattern.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day)) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return midnight.getTime() + (seconds - offsetSeconds(zone)) * 1000 + Math.trunc(Number(`0.${fraction}0`) * 1000);
}

/** Whether an attribute's text is a date: the formats of `parseTime` and the two that only attributes know. */
export function isDate(text: string): boolean {
  return parseTime(text) !== undefined || slashedDate.test(text) || namedDay.test(text);
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}
