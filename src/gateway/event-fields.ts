import { isRecord } from '../core/event.ts';
import type { JudgedEvent, JudgedField } from './judged-fields.ts';

/** How deep the properties of an event may nest (https://amplitude.com/docs/apis/analytics/http-v2). */
export const maxPropertyDepth = 40;

/** Names that only Amplitude gives (https://amplitude.com/docs/apis/analytics/http-v2). */
const reservedTypes: ReadonlySet<unknown> = new Set(
  ['Start Session', 'End Session', 'Revenue', 'Revenue (Verified)', 'Revenue (Unverified)', 'Merged User'].map(
    (name) => `[Amplitude] ${name}`,
  ),
);

/** How long an id may be: one that were cut would be another user's. */
const maxIdLength = 1_024;

/**
 * The fields of an event whose values Amplitude does not take, of those whose type it insists on as far as anything here
 * rests on them. The descriptive ones, such as `app_version`, are taken as they come. Null is no value.
 *
 * Each is read by its name, which takes less than half of what a loop over their names does.
 *
 * @param depth how deep the event nests at most
 */
export function invalidFields(event: JudgedEvent, depth: number): readonly JudgedField[] {
  const invalid: JudgedField[] = [];
  if (!isFreeType(event.event_type)) invalid.push('event_type');
  if (!isId(event.user_id)) invalid.push('user_id');
  if (!isId(event.device_id)) invalid.push('device_id');
  if (!isText(event.insert_id)) invalid.push('insert_id');
  if (!isInteger(event.time)) invalid.push('time');
  if (!isInteger(event.event_id)) invalid.push('event_id');
  if (!isInteger(event.session_id)) invalid.push('session_id');
  if (!isInteger(event.quantity)) invalid.push('quantity');
  if (!isNumber(event.price)) invalid.push('price');
  if (!isNumber(event.revenue)) invalid.push('revenue');
  if (!isNumber(event.location_lat)) invalid.push('location_lat');
  if (!isNumber(event.location_lng)) invalid.push('location_lng');
  if (!isProperties(event.event_properties, depth)) invalid.push('event_properties');
  if (!isProperties(event.user_properties, depth)) invalid.push('user_properties');
  if (!isProperties(event.group_properties, depth)) invalid.push('group_properties');
  if (!isProperties(event.groups, depth)) invalid.push('groups');
  if (!isProperties(event.plan, depth)) invalid.push('plan');
  return invalid;
}

const isNone = (value: unknown): boolean => value === undefined || value === null;
const isText = (value: unknown): boolean => isNone(value) || typeof value === 'string';
const isFreeType = (value: unknown): boolean => isText(value) && !reservedTypes.has(value);
const isId = (value: unknown): boolean => isNone(value) || (typeof value === 'string' && value.length <= maxIdLength);
const isInteger = (value: unknown): boolean => isNone(value) || Number.isSafeInteger(value);
const isNumber = (value: unknown): boolean => isNone(value) || Number.isFinite(value);
const isProperties = (value: unknown, depth: number): boolean =>
  isNone(value) || (isRecord(value) && (depth <= maxPropertyDepth || !isDeeper(value, maxPropertyDepth)));

function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && isDeeper(part as object, depth - 1)) return true;
  }
  return false;
}
