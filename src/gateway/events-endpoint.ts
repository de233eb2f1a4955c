import { checkEvents, type RequestFacts } from './check-events.ts';
import { type Source, recordsOf } from './layout.ts';
import { parseRequest } from './parse-request.ts';
import { missingField, type Project, projectOf } from './projects.ts';
import { Refusal, tooLarge } from './refusal.ts';
import type { Intake } from './intake.ts';
import { defaultMinIdLength } from './user-ids.ts';

/** The most events of a request (https://amplitude.com/docs/apis/analytics/http-v2). */
const maxEvents = 2_000;

/** Reads the body of `/2/httpapi` and of `/batch`. Throws a Refusal. */
export function readEvents(
  body: Buffer,
  facts: Pick<RequestFacts, 'receivedAt' | 'address'>,
  projects: ReadonlyMap<string, Project>,
): Intake {
  const { value, events: spans, depth, encoding } = parseRequest(body);
  const { body: request, project } = projectOf(value, projects);
  const { events, options } = request;
  if (events === undefined || events === null) throw missingField('events');
  if (!Array.isArray(events)) throw new Refusal(400, 'Invalid event JSON');
  if (events.length === 0) throw missingField('events');
  if (events.length > maxEvents) throw tooLarge();
  const checked = checkEvents(events, { ...facts, depth, minIdLength: minIdLengthOf(options) });
  const source: Source = { body, spans, encoding };
  return { events: checked.length, records: recordsOf(checked, source, project.placing), writer: project.writer };
}

function minIdLengthOf(options: unknown): number {
  const told = typeof options === 'object' && options !== null && 'min_id_length' in options && options.min_id_length;
  return typeof told === 'number' && told >= 1 ? told : defaultMinIdLength;
}
