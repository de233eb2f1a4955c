import { isRecord } from '../core/event.ts';
import { checkEvents, type CheckedEvent, type RequestFacts } from './check-events.ts';
import { recordsOf } from './layout.ts';
import { parseJson } from './parse-json.ts';
import { missingField, type Project, projectOf } from './projects.ts';
import { Refusal, tooLarge } from './refusal.ts';
import type { Intake } from './intake.ts';
import { defaultMinIdLength } from './user-ids.ts';

/** The most of one request (https://amplitude.com/docs/apis/analytics/group-identify). */
const maxIdentifications = 1_024;

type Facts = Omit<RequestFacts, 'minIdLength'>;
type Identification = Readonly<Record<string, unknown>>;

/**
 * Reads the body of the Identify API, a form or JSON (https://amplitude.com/docs/apis/analytics/identify). Each
 * identification becomes the `$identify` event that SDKs send for the same. Throws a Refusal.
 */
export function readIdentify(
  body: Buffer,
  isForm: boolean,
  facts: Facts,
  projects: ReadonlyMap<string, Project>,
): Intake {
  return read(body, isForm, projects, (identifications) =>
    checkEvents(
      identifications.map((identification) => ({ ...identification, event_type: '$identify' })),
      { ...facts, minIdLength: defaultMinIdLength },
    ),
  );
}

/**
 * Reads the body of the Group Identify API, a form or JSON (https://amplitude.com/docs/apis/analytics/group-identify).
 * Each identification becomes a `$groupidentify` event. Throws a Refusal.
 */
export function readGroupIdentify(
  body: Buffer,
  isForm: boolean,
  facts: Facts,
  projects: ReadonlyMap<string, Project>,
): Intake {
  return read(body, isForm, projects, (identifications) =>
    identifications.map((identification) => groupEvent(identification, facts.receivedAt)),
  );
}

function read(
  body: Buffer,
  isForm: boolean,
  projects: ReadonlyMap<string, Project>,
  check: (identifications: readonly Identification[]) => readonly CheckedEvent[],
): Intake {
  const value = isForm ? Object.fromEntries(new URLSearchParams(body.toString('utf8'))) : parseJson(body).value;
  const { body: request, project } = projectOf(value, projects);
  const checked = check(identificationsOf(request['identification']));
  const records = recordsOf(checked, { body, spans: undefined }, project.placing);
  return { events: checked.length, records, writer: project.writer };
}

/** One or a list, in JSON or as the text of a form's field. */
function identificationsOf(told: unknown): readonly Identification[] {
  if (told === undefined || told === null || told === '') throw missingField('identification');
  const value = typeof told === 'string' ? parseJson(Buffer.from(told)).value : told;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw missingField('identification');
  if (list.length > maxIdentifications) throw tooLarge();
  return list.map((identification) => {
    if (isRecord(identification)) return identification;
    throw new Refusal(400, 'Invalid event JSON');
  });
}

function groupEvent(identification: Identification, time: number): CheckedEvent {
  const { group_type: type, group_value: value, group_properties: properties = {} } = identification;
  if (typeof type !== 'string' || type === '') throw missingField('group_type');
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') throw missingField('group_value');
  if (!isRecord(properties)) throw new Refusal(400, 'Invalid field values on some events');
  return {
    event: { event_type: '$groupidentify', time, groups: { [type]: value }, group_properties: properties },
    type: '$groupidentify',
    // A group's identifications keep their order, as a user's events do.
    owner: `${type}:${value}`,
    device: '',
    insertId: '',
    altered: true,
  };
}
