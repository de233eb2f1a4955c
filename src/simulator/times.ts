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
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)? ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

const slashedDate = /^\d{2}\/\d{2}\/\d{4}$/;
const namedDay = /^[A-Z][a-z]{2} \d{2} \d{2} \d{2}:\d{2}:\d{2}\.\S+ \d{4}$/;

/** The milliseconds since 1970 of an event's or a purchase's `time`, or undefined if it is in no documented format. */
export function parseTime(text: string): number | undefined {
  const parts = timePattern.exec(text);
  if (parts === null) return undefined;
  const [, date = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = parts;
  const utc = Date.parse(`${date}T${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // A day that the month does not have would count as one of the next.
  if (Number.isNaN(utc) || !new Date(utc).toISOString().startsWith(date)) return undefined;
  return utc - offsetMs(zone);
}

/** Whether an attribute's text is a date: the formats of `parseTime` and the two that only attributes know. */
export function isDate(text: string): boolean {
  return parseTime(text) !== undefined || slashedDate.test(text) || namedDay.test(text);
}

function offsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const ms = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
  return zone.startsWith('-') ? -ms : ms;
}
