import { isRecord } from '../core/event.ts';
import { invalidFields } from './event-fields.ts';
import type { JudgedEvent, JudgedField } from './judged-fields.ts';
import type { EventKey } from './message-id.ts';
import { Refusal } from './refusal.ts';
import { userIdsOf } from './user-ids.ts';

/** An event that Amplitude would take. */
export interface CheckedEvent extends EventKey {
  readonly event: JudgedEvent;
  readonly type: string;
  /** What Amplitude adds to it and takes from it when it comes in: fields to set, to undefined those to remove. */
  readonly changes: Changes | undefined;
}

export type Changes = Readonly<Partial<Record<JudgedField, unknown>>>;

/** What a request says for all of its events. */
export interface RequestFacts {
  readonly minIdLength: number;
  /** How deep it nests at most. */
  readonly depth: number;
  /** When it came in, in milliseconds since 1970: the `time` of events that have none. */
  readonly receivedAt: number;
  /** The sender's address, for events that say `"ip": "$remote"`. */
  readonly address: string;
}

/**
 * Judges events as Amplitude's HTTP V2 API does (https://amplitude.com/docs/apis/analytics/http-v2): one that is wrong
 * makes the whole request wrong, and nothing of it is stored.
 *
 * @throws Refusal 400 with the indexes of all events that are wrong, by field
 */
export function checkEvents(events: readonly unknown[], facts: RequestFacts): readonly CheckedEvent[] {
  const problems = new Problems();
  const checked: CheckedEvent[] = [];
  for (let index = 0; index < events.length; index++) {
    const event = checkEvent(events[index], index, facts, problems);
    if (event !== undefined) checked.push(event);
  }
  problems.throwIfAny();
  return checked;
}

function checkEvent(event: unknown, index: number, facts: RequestFacts, problems: Problems): CheckedEvent | undefined {
  if (!isRecord(event)) {
    problems.invalidEvent(index);
    return undefined;
  }
  const invalid = invalidFields(event, facts.depth);
  for (const field of invalid) problems.invalid.add(field, index);
  const { event_type: type, insert_id: insertId, time, ip }: JudgedEvent = event;
  const named = typeof type === 'string' && type.trim() !== '';
  if (!named && !invalid.includes('event_type')) problems.missing.add('event_type', index);
  const { user, device, tooShort, nobody } = userIdsOf(event, facts.minIdLength);
  for (const field of nobody) problems.invalid.add(field, index);
  const owner = user ?? device;
  if (owner === undefined) {
    for (const field of tooShort) problems.tooShort.add(field, index);
    const told = tooShort.length > 0 || invalid.includes('user_id') || invalid.includes('device_id');
    if (!told) problems.missing.add('user_id', index).add('device_id', index);
  }
  if (!named || owner === undefined || invalid.length + nobody.length > 0) return undefined;
  const unfinished = tooShort.length > 0 || typeof time !== 'number' || ip === '$remote';
  return {
    event,
    type,
    owner,
    device: device ?? '',
    insertId: typeof insertId === 'string' ? insertId : '',
    changes: unfinished ? changesOf(event, user, device, facts) : undefined,
  };
}

function changesOf(
  event: JudgedEvent,
  user: string | undefined,
  device: string | undefined,
  { receivedAt, address }: RequestFacts,
): Changes {
  return {
    ...(user === undefined && typeof event.user_id === 'string' && { user_id: undefined }),
    ...(device === undefined && typeof event.device_id === 'string' && { device_id: undefined }),
    ...(typeof event.time !== 'number' && { time: receivedAt }),
    ...(event.ip === '$remote' && { ip: address }),
  };
}

/** Which events are wrong in which field. */
class Problems {
  readonly missing = new FieldIndexes();
  readonly invalid = new FieldIndexes();
  readonly tooShort = new FieldIndexes();
  #noObject = false;

  invalidEvent(index: number): void {
    this.#noObject = true;
    this.invalid.add('event', index);
  }

  throwIfAny(): void {
    if (this.missing.empty && this.invalid.empty && this.tooShort.empty) return;
    throw new Refusal(400, this.#words(), {
      events_with_invalid_fields: this.invalid.toRecord(),
      events_with_missing_fields: this.missing.toRecord(),
      events_with_invalid_id_lengths: this.tooShort.toRecord(),
    });
  }

  #words(): string {
    if (this.#noObject) return 'Invalid event JSON';
    if (!this.missing.empty) return 'Request missing required field';
    return this.invalid.empty ? 'Invalid id length for user_id or device_id' : 'Invalid field values on some events';
  }
}

class FieldIndexes {
  readonly #indexes = new Map<string, number[]>();

  get empty(): boolean {
    return this.#indexes.size === 0;
  }

  add(field: string, index: number): this {
    const indexes = this.#indexes.get(field);
    if (indexes === undefined) this.#indexes.set(field, [index]);
    else indexes.push(index);
    return this;
  }

  toRecord(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries(this.#indexes);
  }
}
