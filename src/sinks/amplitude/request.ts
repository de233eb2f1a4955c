import type { Draft, Entry, EventEntry } from '../../core/entry.ts';
import type { AmplitudeConfig } from './config.ts';

/** The event object of the HTTP V2 API for a draft: amplitude.com/docs/apis/analytics/http-v2. */
export function encodeEvent({ identifier, name, time, properties, fields }: Draft, storedAt: number): EventEntry {
  const json = JSON.stringify({ ...fields, event_type: name, time: Date.parse(time), event_properties: properties });
  return { kind: 'event', user: identifier, json, bytes: Buffer.byteLength(json), storedAt };
}

/**
 * The body of a request: each entry as it was serialised, in order.
 *
 * @param apiKey stands in the body, so who shows a body leaves it out
 */
export function uploadBody(
  { minIdLength }: Pick<AmplitudeConfig, 'minIdLength'>,
  entries: readonly Entry[],
  apiKey?: string,
): string {
  const key = apiKey === undefined ? '' : `"api_key":${JSON.stringify(apiKey)},`;
  const options = minIdLength === undefined ? '' : `,"options":{"min_id_length":${minIdLength}}`;
  return `{${key}"events":[${entries.map(({ json }) => json).join(',')}]${options}}`;
}

/** What stands around the events of a body, with room to spare. */
const frameBytes = 1_000;

/**
 * What a request may hold: under 1 MB and 2,000 events for HTTP V2, up to 20 MB and 2,000 events for Batch
 * (amplitude.com/docs/apis/analytics/batch-event-upload).
 */
export const bodyLimits = {
  httpapi: { entries: 1_999, bytes: 1_000_000 - frameBytes },
  batch: { entries: 2_000, bytes: 20_000_000 - frameBytes },
} as const;
