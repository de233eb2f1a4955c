import type { AmplitudeEvent } from '../core/event.ts';

/**
 * Amplitude's built-in user properties, which events carry as top-level fields
 * (amplitude.com/docs/apis/analytics/http-v2, amplitude.com/docs/apis/analytics/identify).
 */
const names = `user_id device_id amplitude_id platform os_name os_version library language
  device_brand device_manufacturer device_model device_type device_family
  country region city dma paying start_version app_version carrier`.split(/\s+/);

/** Those that an export has under another name (amplitude.com/docs/apis/analytics/export). Either name selects them. */
const exportedNames = [
  ['app_version', 'version_name'],
  ['carrier', 'device_carrier'],
] as const;

const fieldsByName: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...names.map((name) => [name, [name]] as const),
  ...exportedNames.flatMap((both) => both.map((name) => [name, both] as const)),
]);

/** The event fields that hold the built-in user property of this name; undefined if there is none. */
export function builtInFields(name: string): readonly string[] | undefined {
  return fieldsByName.get(name);
}

/**
 * What an event says of a built-in property. Null, absent and empty say nothing: an export writes null for all that
 * the device at hand does not have.
 */
export function builtInValue(event: AmplitudeEvent, fields: readonly string[]): unknown {
  for (const field of fields) {
    const value = event[field];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}
