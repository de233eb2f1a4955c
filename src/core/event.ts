/**
 * Reading Amplitude events. They come in two shapes, told apart by their fields: as posted to the HTTP V2 API
 * (`time` in milliseconds, amplitude.com/docs/apis/analytics/http-v2) and as exported (`event_time` as UTC text,
 * amplitude.com/docs/apis/analytics/export).
 */
import { isoTime } from './iso-time.ts';

/** One decoded event, in either shape. Never written to: several operators read it. */
export type AmplitudeEvent = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether a decoded value is an event: it has a type, or it is a call of the Identify API, which has user
 * properties and no type (amplitude.com/docs/apis/analytics/identify).
 */
export function isEvent(value: unknown): value is AmplitudeEvent {
  if (!isRecord(value)) return false;
  const type = value['event_type'];
  return typeof type === 'string' ? type !== '' : type === undefined && isRecord(value['user_properties']);
}

/** The name of the event; undefined for what is never sent as an event: `$identify`, `$groupidentify`, identify calls. */
export function eventNameOf(event: AmplitudeEvent): string | undefined {
  const type = event['event_type'];
  if (typeof type !== 'string' || type === '$identify' || type === '$groupidentify') return undefined;
  return type;
}

/**
 * Whether Braze sent the event to Amplitude: Currents marks its events by the library `Braze`, and names them
 * `[Appboy] …` (braze.com/docs/partners/data_and_analytics/customer_data_platform/amplitude/amplitude_for_currents), or
 * `[Braze Custom Event] …` as the glossary has it.
 */
export function cameFromBraze({ event_type: type, library }: AmplitudeEvent): boolean {
  if (library === 'Braze') return true;
  return typeof type === 'string' && (type.startsWith('[Appboy]') || type.startsWith('[Braze Custom Event]'));
}

/**
 * When the event happened, as ISO 8601 in UTC with milliseconds: the export's `event_time`, else the HTTP API's
 * `time`, else when the stream stored it.
 */
export function timeOf(event: AmplitudeEvent, storedAt: number): string {
  return fromText(event['event_time']) ?? fromMillis(event['time']) ?? isoTime(storedAt);
}

/** `2022-02-28 20:07:01.795000`: UTC without saying so, with up to six digits of a second. */
const exportTime = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?$/;

function fromText(value: unknown): string | undefined {
  const parts = typeof value === 'string' ? exportTime.exec(value) : null;
  return parts === null ? undefined : fromMillis(Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`));
}

/** The years 1 to 9999, in milliseconds since 1970: others have no ISO 8601 form that everybody reads. */
const minMillis = Date.parse('0001-01-01T00:00:00Z');
const maxMillis = Date.UTC(10_000, 0) - 1;

function fromMillis(value: unknown): string | undefined {
  if (typeof value !== 'number' || !(value >= minMillis && value <= maxMillis)) return undefined;
  return isoTime(value);
}

/** The value of an own property: event data must not reach what every JavaScript object inherits. */
export function ownValue(container: unknown, name: string): unknown {
  return isRecord(container) && Object.hasOwn(container, name) ? container[name] : undefined;
}
