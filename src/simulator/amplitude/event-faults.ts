/** What is wrong with an event: https://amplitude.com/docs/apis/analytics/http-v2#keys-for-the-event-argument. */
import { isObject, type JsonObject } from '../json.ts';

/** By the list of the answer that names the event, and the field. */
export interface EventFault {
  readonly list: 'events_with_missing_fields' | 'events_with_invalid_fields' | 'events_with_invalid_id_lengths';
  readonly field: string;
}

/** All that is wrong with an event; nothing if Amplitude takes it. */
export function eventFaults(event: unknown, minIdLength: number): readonly EventFault[] {
  if (!isObject(event)) return [{ list: 'events_with_missing_fields', field: 'event_type' }];
  return [...typeFaults(event), ...idFaults(event, minIdLength), ...fieldFaults(event)];
}

/** Names that only Amplitude gives: https://amplitude.com/docs/apis/analytics/http-v2. */
const reserved: ReadonlySet<unknown> = new Set([
  '[Amplitude] Start Session',
  '[Amplitude] End Session',
  '[Amplitude] Revenue',
  '[Amplitude] Revenue (Verified)',
  '[Amplitude] Revenue (Unverified)',
  '[Amplitude] Merged User',
]);

function* typeFaults({ event_type: type }: JsonObject): Generator<EventFault> {
  const field = 'event_type';
  if (type === undefined || type === null || type === '') yield { list: 'events_with_missing_fields', field };
  else if (typeof type !== 'string' || type.trim() === '' || reserved.has(type)) {
    yield { list: 'events_with_invalid_fields', field };
  }
}

/** Ids that are nobody's: https://amplitude.com/docs/faq/limits. */
const nobody: ReadonlySet<string> = new Set(
  ['anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '{}', 'lmy47d', '0', '-1', ''].concat(
    '00000000-0000-0000-0000-000000000000',
  ),
);

const maxIdLength = 1_024;

function* idFaults(event: JsonObject, minIdLength: number): Generator<EventFault> {
  const ids = ['user_id', 'device_id'].filter((field) => event[field] !== undefined && event[field] !== null);
  if (ids.length === 0) yield { list: 'events_with_missing_fields', field: 'user_id' };
  for (const field of ids) {
    const id = event[field];
    if (typeof id !== 'string' || id.length > maxIdLength || nobody.has(id.toLowerCase())) {
      yield { list: 'events_with_invalid_fields', field };
    } else if (id.length < minIdLength) {
      yield { list: 'events_with_invalid_id_lengths', field };
    }
  }
}

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  time: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  session_id: Number.isSafeInteger,
  event_id: Number.isSafeInteger,
  quantity: Number.isSafeInteger,
  price: Number.isFinite,
  revenue: Number.isFinite,
  location_lat: Number.isFinite,
  location_lng: Number.isFinite,
  event_properties: isShallowObject,
  user_properties: isShallowObject,
  groups: isObject,
  ...Object.fromEntries(
    ['insert_id', 'productId', 'revenueType', 'platform', 'os_name', 'os_version', 'idfa', 'adid', 'library', 'ip'].map(
      (field) => [field, (value: unknown): boolean => typeof value === 'string'],
    ),
  ),
};

function* fieldFaults(event: JsonObject): Generator<EventFault> {
  for (const [field, isRight] of Object.entries(kinds)) {
    const value = event[field];
    if (value !== undefined && value !== null && !isRight(value)) yield { list: 'events_with_invalid_fields', field };
  }
}

/** Deeper objects are refused. */
const maxDepth = 40;

function isShallowObject(value: unknown): boolean {
  return isObject(value) && !isDeeper(value, maxDepth);
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}
