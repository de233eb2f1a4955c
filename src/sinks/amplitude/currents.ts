/**
 * Reading the events of Braze Currents, as the custom HTTP connector posts them
 * (braze.com/docs/partners/isv_partners/currents_integration), for Amplitude.
 */
import { createHash } from 'node:crypto';
import { type AmplitudeEvent as Event, isRecord, ownValue } from '../../core/event.ts';
import type { Reading } from '../../core/reading.ts';
import type { NameStyle } from './config.ts';
import { labelOf } from './labels.ts';

/**
 * What Amplitude gets of a Currents event, as Braze's own integration maps it
 * (braze.com/docs/partners/data_and_analytics/customer_data_platform/amplitude/amplitude_for_currents): the external id
 * as `user_id`, the id as `insert_id`, purchases with `price` and `productId`, all else as properties. An event with
 * neither external id nor device id is nobody's to Amplitude.
 */
export function currentsReading(style: NameStyle): Reading {
  return {
    identifiedBy: 'user.external_user_id or user.device_id',
    identifierOf: ({ user }) => text(ownValue(user, 'external_user_id')) ?? text(ownValue(user, 'device_id')),
    nameOf: (event) => nameOf(event, style),
    timeOf,
    propertiesOf: (event) => propertiesOf(event, style),
    fieldsOf,
    isEcho: ({ event_type: type }) => type === customEvent || type === purchase,
  };
}

const customEvent = 'users.behaviors.CustomEvent';
const purchase = 'users.behaviors.Purchase';

/** What the properties that an app or a REST call gave an event are called, where they stand, and their prefix. */
const given: ReadonlyMap<unknown, { readonly under: string; readonly prefix: string }> = new Map([
  [customEvent, { under: 'custom_properties', prefix: '[Custom event property] ' }],
  [purchase, { under: 'purchase_properties', prefix: '[Purchase property] ' }],
]);

function nameOf(event: Event, style: NameStyle): string {
  const type = String(event['event_type']);
  if (style === 'raw') return type;
  const name = type === customEvent ? text(ownValue(event['properties'], 'name')) : undefined;
  if (style === 'plain') return name === undefined ? labelOf(type) : `[Braze Custom Event] ${name}`;
  return name === undefined ? `[Appboy] ${labelOf(type)}` : `[Appboy] [Custom Event] ${name}`;
}

/** The latest moment that ISO 8601 has a form for that everybody reads, in seconds. */
const maxSeconds = Date.UTC(10_000, 0) / 1_000 - 1;

/** Currents counts seconds since 1970. */
function timeOf({ time }: Event, storedAt: number): string {
  const known = typeof time === 'number' && time >= 0 && time <= maxSeconds;
  return new Date(known ? time * 1_000 : storedAt).toISOString();
}

function propertiesOf(event: Event, style: NameStyle): Readonly<Record<string, unknown>> {
  const { event_type: type, properties, user } = event;
  const all: Record<string, unknown> = isRecord(properties) ? { ...properties } : {};
  const timezone = ownValue(user, 'timezone');
  if (timezone !== undefined) all['timezone'] ??= timezone;
  if (style === 'raw') return all;
  for (const field of Object.values(sources(event))) delete all[field];
  const own = given.get(type);
  if (own === undefined) return all;
  if (type === customEvent) delete all['name'];
  const held = objectIn(all[own.under]);
  if (held === undefined) return all;
  delete all[own.under];
  const prefixed = Object.entries(held).map(([name, value]) => [own.prefix + name, value] as const);
  return { ...all, ...Object.fromEntries(prefixed) };
}

/** Braze's exports to storage hold these properties as JSON text; its page on the connector shows neither form. */
function objectIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'string') return isRecord(value) ? value : undefined;
  try {
    return objectIn(JSON.parse(value) as unknown);
  } catch {
    return undefined;
  }
}

function fieldsOf(event: Event): Readonly<Record<string, unknown>> {
  const { id, user, properties } = event;
  const userId = text(ownValue(user, 'external_user_id'));
  const deviceId = text(ownValue(user, 'device_id'));
  return {
    ...(userId !== undefined && { user_id: userId }),
    ...(deviceId !== undefined && { device_id: deviceId }),
    insert_id: text(id) ?? fingerprint(event),
    library: 'Braze',
    ...Object.fromEntries(Object.entries(sources(event)).map(([field, name]) => [field, ownValue(properties, name)])),
  };
}

/** Amplitude's fields that hold what Braze has among the properties, and the names that it has them by. */
function sources({ event_type: type, properties }: Event): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  if (type === purchase) {
    if (typeof ownValue(properties, 'price') === 'number') found['price'] = 'price';
    if (text(ownValue(properties, 'product_id')) !== undefined) found['productId'] = 'product_id';
  }
  const adField = adFields[String(ownValue(properties, 'ad_id_type'))];
  if (adField !== undefined && text(ownValue(properties, 'ad_id')) !== undefined) found[adField] = 'ad_id';
  return found;
}

/** Only these two kinds of advertising identifiers have a field in Amplitude. */
const adFields: Readonly<Record<string, string>> = { google_ad_id: 'adid', ios_idfa: 'idfa' };

/** Stands in for an id that is missing: the same for the same event, whenever it is sent. */
function fingerprint(event: Event): string {
  return createHash('sha256').update(JSON.stringify(event)).digest('hex');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
