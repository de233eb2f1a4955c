import { checkEvents, type RequestFacts } from './check-events.ts';
import { maxPropertyDepth } from './event-fields.ts';
import { recordsOf } from './layout.ts';
import { maxEvents, outlineOf } from './outline.ts';
import { parseJson } from './parse-json.ts';
import { missingField, type Project, projectOf } from './projects.ts';
import { Refusal, tooLarge } from './refusal.ts';
import type { Intake } from './intake.ts';
import { defaultMinIdLength } from './user-ids.ts';

/** Reads the body of `/2/httpapi` and of `/batch`. Throws a Refusal. */
export function readEvents(
  body: Buffer,
  facts: Pick<RequestFacts, 'receivedAt' | 'address'>,
  projects: ReadonlyMap<string, Project>,
): Intake {
  const { value, spans, depth } = read(body);
  const { body: request, project } = projectOf(value, projects);
  const { events, options } = request;
  if (events === undefined || events === null) throw missingField('events');
  if (!Array.isArray(events)) throw new Refusal(400, 'Invalid event JSON');
  if (events.length === 0) throw missingField('events');
  if (events.length > maxEvents) throw tooLarge();
  const checked = checkEvents(events, { ...facts, depth, minIdLength: minIdLengthOf(options) });
  const records = recordsOf(checked, { body, spans }, project.placing);
  return { events: checked.length, records, writer: project.writer };
}

/** What is judged of a request, at least, where its events stand in it, and how deep their properties nest at most. */
function read(body: Buffer) {
  const outline = outlineOf(body);
  if (outline !== undefined) return { value: outline.request, spans: outline.spans, depth: maxPropertyDepth };
  const { value, events: spans, depth } = parseJson(body);
  return { value, spans, depth };
}

function minIdLengthOf(options: unknown): number {
  const told = typeof options === 'object' && options !== null && 'min_id_length' in options && options.min_id_length;
  return typeof told === 'number' && told >= 1 ? told : defaultMinIdLength;
}
