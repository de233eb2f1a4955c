import { isRecord } from '../core/event.ts';
import { checkEvents, type CheckedEvent, type RequestFacts } from './check-events.ts';
import { recordsOf, type Source } from './layout.ts';
import { parseJson } from './parse-json.ts';
import { missingField, type Project, projectOf } from './projects.ts';
import { Refusal, tooLarge } from './refusal.ts';
import type { Intake } from './intake.ts';
import { defaultMinIdLength } from './user-ids.ts';

/** The most of one request (https://amplitude.com/docs/apis/analytics/group-identify). */
const maxIdentifications = 1_024;

type Facts = Pick<RequestFacts, 'receivedAt' | 'address'>;
type Identification = Readonly<Record<string, unknown>>;

/**
 * Reads what the Identify API was sent (https://amplitude.com/docs/apis/analytics/identify). Each identification becomes
 * the `$identify` event that SDKs send for the same. Throws a Refusal.
 */
export function readIdentify(fields: unknown, facts: Facts, projects: ReadonlyMap<string, Project>): Intake {
  return read(fields, projects, (identifications) =>
    checkEvents(
      identifications.map((identification) => ({ ...identification, event_type: '$identify' })),
      { ...facts, depth: Number.POSITIVE_INFINITY, minIdLength: defaultMinIdLength },
    ),
  );
}

/**
 * Reads what the Group Identify API was sent (https://amplitude.com/docs/apis/analytics/group-identify). Each
 * identification becomes a `$groupidentify` event. Throws a Refusal.
 */
export function readGroupIdentify(fields: unknown, facts: Facts, projects: ReadonlyMap<string, Project>): Intake {
  return read(fields, projects, (identifications) =>
    identifications.map((identification) => groupEvent(identification, facts.receivedAt)),
  );
}

function read(
  fields: unknown,
  projects: ReadonlyMap<string, Project>,
  check: (identifications: readonly Identification[]) => readonly CheckedEvent[],
): Intake {
  const { body: request, project } = projectOf(fields, projects);
  const checked = check(identificationsOf(request['identification']));
  const records = recordsOf(checked, unwritten, project.placing);
  return { events: checked.length, records, writer: project.writer };
}

/** Each identification is written anew, as an event. */
const unwritten: Source = { body: Buffer.alloc(0), spans: undefined };

/** One or a list, in JSON or as the text of a form's field. */
function identificationsOf(told: unknown): readonly Identification[] {
  const value = typeof told === 'string' ? parsed(told) : told;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > maxIdentifications) throw tooLarge();
  if (list.length === 0 || !list.every(isRecord)) throw missingEvent();
  return list;
}

function parsed(text: string): unknown {
  try {
    return parseJson(Buffer.from(text)).value;
  } catch (error) {
    throw error instanceof Refusal && error.status === 400 ? missingEvent() : error;
  }
}

/** What Amplitude answers when the identification is missing, or is none. */
function missingEvent(): Refusal {
  return new Refusal(400, 'missing_event', { missing_field: 'identification' });
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
    changes: undefined,
  };
}
