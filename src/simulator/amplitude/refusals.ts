/** The answers that take nothing: https://amplitude.com/docs/apis/analytics/http-v2#responses. */
import { type Answer, jsonAnswer } from '../answers.ts';
import type { EventFault } from './event-faults.ts';

export function invalid(error: string, details: object = {}): Answer {
  return jsonAnswer(400, { code: 400, error, ...details });
}

export function invalidKey(key: unknown): Answer {
  return invalid(`Invalid API key: ${String(key)}`);
}

export function tooLarge(): Answer {
  return jsonAnswer(413, { code: 413, error: 'Payload too large' });
}

export function tooMany(details: object = {}): Answer {
  return jsonAnswer(429, { code: 429, error: 'Too many requests for some devices and users', ...details });
}

/**
 * A 400 that says which events it is because of. HTTP V2 names the first one of each field, Batch all of them.
 */
export function invalidEvents(faults: readonly (readonly EventFault[])[], firstOnly: boolean): Answer {
  const lists: Record<string, Record<string, number[]>> = {};
  for (const [index, ofEvent] of faults.entries()) {
    for (const { list, field } of ofEvent) {
      const fields = (lists[list] ??= {});
      const indexes = (fields[field] ??= []);
      if (indexes.length === 0 || !firstOnly) indexes.push(index);
    }
  }
  return invalid('Request has invalid or missing fields', { missing_field: null, ...lists });
}
