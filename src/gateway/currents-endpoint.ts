import { createHash, timingSafeEqual } from 'node:crypto';
import { isRecord } from '../core/event.ts';
import { typeToken } from '../core/subject.ts';
import type { Intake } from './intake.ts';
import { parseJson } from './parse-json.ts';
import { Refusal } from './refusal.ts';
import type { StreamRecord, StreamWriter } from './stream-writer.ts';

/** Where Braze's events go. */
export interface CurrentsDoor {
  /** What Braze sends as the bearer token of each request. */
  readonly token: string;
  readonly writer: StreamWriter;
  /** The first token of the subjects. */
  readonly prefix: string;
}

/**
 * Reads a request of Braze's Custom HTTP connector
 * (https://www.braze.com/docs/user_guide/data/distribution/braze_currents/setting_up_currents/custom_http_connector). An
 * empty body and one of no events are how Braze tries the credentials. Types and fields that nobody knows are taken like
 * all others, as they were written.
 *
 * @throws Refusal 400 for what is no list of events: Braze then sends each event alone, and drops the one that is wrong
 */
export function readCurrents(body: Buffer, { writer, prefix }: CurrentsDoor): Intake {
  if (body.toString('utf8', 0, 64).trim() === '') return { events: 0, records: [], writer };
  const { value, events: spans } = parseJson(body);
  const events = isRecord(value) ? (value['events'] ?? []) : undefined;
  if (!Array.isArray(events)) throw new Refusal(400, 'The body has to be an object with a list of events');
  const exact = spans?.length === events.length ? spans : undefined;
  const records = events.map((event: unknown, index): StreamRecord => {
    if (!isRecord(event)) throw new Refusal(400, `Event ${index} is no object`);
    const span = exact?.[index];
    return {
      subject: `${prefix}.${typeTokens(event['event_type'])}`,
      payload: span === undefined ? Buffer.from(JSON.stringify(event)) : body.subarray(span.start, span.end),
      id: idOf(event['id']),
    };
  });
  return { events: events.length, records, writer };
}

/** Throws a Refusal 401 unless the header holds the token. */
export function authorise(authorization: string | undefined, token: string): void {
  const told = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  // Of one length, so that the comparison tells nothing of the token by the time that it takes.
  if (!timingSafeEqual(sha256(told), sha256(token))) throw new Refusal(401, 'The bearer token is not the one expected');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `users.messages.email.Open` keeps its dots, so that a consumer can ask for `currents.users.messages.email.>`. */
function typeTokens(type: unknown): string {
  if (typeof type !== 'string' || type.length > maxTypeLength) return typeToken('');
  return type.split('.').map(typeToken).join('.');
}

/** So that the subject stays far below the longest line that a server reads. */
const maxTypeLength = 100;

/** Braze delivers at least once, and says by this that it is the same event. */
function idOf(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return undefined;
  return /^[\w.:-]{1,128}$/.test(id) ? id : sha256(id).toString('base64url');
}
