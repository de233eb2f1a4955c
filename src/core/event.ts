/**
 * Reading Amplitude events. They come in two shapes, told apart by their fields: as posted to the HTTP V2 API
 * (`time` in milliseconds, amplitude.com/docs/apis/analytics/http-v2) and as exported (`event_time` as UTC text,
 * amplitude.com/docs/apis/analytics/export).
 */

/** One decoded event, in either shape. Never written to: several syncs may read it. */
export type AmplitudeEvent = Readonly<Record<string, unknown>>;

/** Whether a value can be an event at all: a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
