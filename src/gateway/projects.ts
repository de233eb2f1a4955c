import { isRecord } from '../core/event.ts';
import { invalidApiKey, Refusal } from './refusal.ts';
import type { Placing } from './layout.ts';
import type { StreamWriter } from './stream-writer.ts';

/** Where the events of an API key go. */
export interface Project {
  readonly writer: StreamWriter;
  readonly placing: Placing;
}

/**
 * The JSON object of a request and the project of its key, as Amplitude looks for them.
 *
 * @throws Refusal 400 when one of them is missing, or the key is nobody's
 */
export function projectOf(
  value: unknown,
  projects: ReadonlyMap<string, Project>,
): { readonly body: Readonly<Record<string, unknown>>; readonly project: Project } {
  if (!isRecord(value)) throw new Refusal(400, 'Invalid JSON request body');
  const key = value['api_key'];
  if (key === undefined || key === null || key === '') throw missingField('api_key');
  const project = typeof key === 'string' ? projects.get(key) : undefined;
  if (project === undefined) throw invalidApiKey();
  return { body: value, project };
}

export function missingField(field: string): Refusal {
  return new Refusal(400, 'Request missing required field', {
    missing_field: field,
    events_with_invalid_fields: {},
    events_with_missing_fields: {},
  });
}
