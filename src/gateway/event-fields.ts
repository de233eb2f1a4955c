import { isRecord } from '../core/event.ts';

/** How deep the properties of an event may nest (https://amplitude.com/docs/apis/analytics/http-v2). */
const maxDepth = 40;

/** Names that only Amplitude gives (https://amplitude.com/docs/apis/analytics/http-v2). */
const reservedTypes: ReadonlySet<unknown> = new Set(
  ['Start Session', 'End Session', 'Revenue', 'Revenue (Verified)', 'Revenue (Unverified)', 'Merged User'].map(
    (name) => `[Amplitude] ${name}`,
  ),
);

/** How long an id may be: one that were cut would be another user's. */
const maxIdLength = 1_024;

const isText = (value: unknown): boolean => typeof value === 'string';
const isFreeType = (value: unknown): boolean => isText(value) && !reservedTypes.has(value);
const isId = (value: unknown): boolean => typeof value === 'string' && value.length <= maxIdLength;
const isInteger = (value: unknown): boolean => Number.isSafeInteger(value);
const isProperties = (value: unknown, depth: number): boolean =>
  isRecord(value) && (depth <= maxDepth || !isDeeper(value, maxDepth));

/**
 * The fields whose type Amplitude insists on, as far as anything here rests on them. The descriptive ones, such as
 * `app_version`, are taken as they come.
 */
const checks: Readonly<Record<string, (value: unknown, depth: number) => boolean>> = {
  event_type: isFreeType,
  user_id: isId,
  device_id: isId,
  insert_id: isText,
  time: isInteger,
  event_id: isInteger,
  session_id: isInteger,
  quantity: isInteger,
  price: Number.isFinite,
  revenue: Number.isFinite,
  location_lat: Number.isFinite,
  location_lng: Number.isFinite,
  event_properties: isProperties,
  user_properties: isProperties,
  group_properties: isProperties,
  groups: isProperties,
  plan: isProperties,
};

/**
 * The fields of an event whose values Amplitude does not take. Null is no value.
 *
 * @param depth how deep the event nests at most
 */
export function invalidFields(event: Readonly<Record<string, unknown>>, depth: number): readonly string[] {
  let invalid: string[] | undefined;
  for (const field in checks) {
    const value = event[field];
    if (value !== undefined && value !== null && checks[field]?.(value, depth) === false) (invalid ??= []).push(field);
  }
  return invalid ?? none;
}

const none: readonly string[] = [];

function isDeeper(value: object, depth: number): boolean {
  if (depth === 0) return true;
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && isDeeper(part as object, depth - 1)) return true;
  }
  return false;
}
