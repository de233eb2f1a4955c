import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { DiscardReason, EventPart } from '../../core/message.ts';

/** What could not be delivered, with all that is needed to understand it and to send it again. */
export interface DeadLetter {
  readonly sync: string;
  readonly reason: DiscardReason;
  /** What was wrong, in the words of whoever refused it. */
  readonly detail: string;
  /** How often it was sent, over all replays. */
  readonly attempts: number;
  /** Where the message came from. */
  readonly stream: string;
  readonly subject: string;
  readonly sequence: number;
  /** When the stream stored it, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Which event of the message this is, and how many there were. */
  readonly index: number;
  readonly events: number;
  /** The part of the event that the destination took; see `Outcome`. */
  readonly accepted: EventPart | undefined;
  /** How often it was replayed, and failed again. */
  readonly replays: number;
  /** When it failed first, in milliseconds since 1970; undefined for one that failed once. */
  readonly firstFailedAt: number | undefined;
  /** The event as it came: the message's own bytes where it held one event. */
  readonly payload: Uint8Array | string;
}

/** What is known of a stored letter without its payload. */
export interface LetterHead extends Omit<DeadLetter, 'payload' | 'firstFailedAt'> {
  /** Its number in the stream of dead letters. */
  readonly letter: number;
  /** When it became a letter, and when it failed first, in milliseconds since 1970. */
  readonly failedAt: number;
  readonly firstFailedAt: number;
  /** The length of the payload; it is 0 if the payload had to be left out. */
  readonly bytes: number;
  /** Whether the payload did not fit, so that it has to be read where it came from. */
  readonly isLeftOut: boolean;
}

export interface StoredLetter extends LetterHead {
  readonly payload: Uint8Array;
}

const maxDetailLength = 1_000;

/** The headers of a letter: all of it but the payload. */
export function headersOf(letter: DeadLetter, isLeftOut: boolean): MsgHdrs {
  const fields = headers();
  fields.set('Sluice-Sync', letter.sync);
  fields.set('Sluice-Reason', letter.reason);
  fields.set('Sluice-Detail', headerText(letter.detail));
  fields.set('Sluice-Attempts', String(letter.attempts));
  fields.set('Sluice-Stream', letter.stream);
  fields.set('Sluice-Subject', letter.subject);
  fields.set('Sluice-Sequence', String(letter.sequence));
  fields.set('Sluice-Index', String(letter.index));
  fields.set('Sluice-Events', String(letter.events));
  fields.set('Sluice-Time', new Date(letter.storedAt).toISOString());
  if (letter.accepted !== undefined) fields.set('Sluice-Accepted', letter.accepted);
  if (letter.replays > 0) fields.set('Sluice-Replays', String(letter.replays));
  if (letter.firstFailedAt !== undefined)
    fields.set('Sluice-First-Failed', new Date(letter.firstFailedAt).toISOString());
  if (isLeftOut) fields.set('Sluice-Payload', 'left out: see Sluice-Stream and Sluice-Sequence');
  return fields;
}

/** How a message of the stream of dead letters is stored. */
export interface StoredAs {
  readonly letter: number;
  readonly failedAt: number;
  readonly bytes: number;
}

/** Reads what `headersOf` wrote, also in earlier versions; undefined for a message that is no letter. */
export function headOf(fields: MsgHdrs | undefined, { letter, failedAt, bytes }: StoredAs): LetterHead | undefined {
  const text = (name: string): string => fields?.get(`Sluice-${name}`) ?? '';
  const count = (name: string, otherwise: number): number => {
    const value = Number(text(name));
    return text(name) !== '' && Number.isSafeInteger(value) && value >= 0 ? value : otherwise;
  };
  const reason = text('Reason');
  const index = count('Index', 0);
  if (text('Sync') === '' || !isDiscardReason(reason)) return undefined;
  const accepted = text('Accepted');
  return {
    sync: text('Sync'),
    reason,
    detail: text('Detail'),
    attempts: count('Attempts', 0),
    stream: text('Stream'),
    subject: text('Subject'),
    sequence: count('Sequence', 0),
    storedAt: millis(text('Time'), failedAt),
    index,
    events: count('Events', index + 1),
    accepted: accepted === 'event' || accepted === 'update' ? accepted : undefined,
    replays: count('Replays', 0),
    firstFailedAt: millis(text('First-Failed'), failedAt),
    letter,
    failedAt,
    bytes,
    isLeftOut: text('Payload') !== '',
  };
}

const reasons: Readonly<Record<DiscardReason, true>> = {
  invalid_json: true,
  invalid_event: true,
  filter_error: true,
  unresolved_identifier: true,
  rejected: true,
  too_large: true,
  expired: true,
};

/** All reasons for which an event becomes a dead letter. */
export const discardReasons = Object.keys(reasons) as readonly DiscardReason[];

function isDiscardReason(text: string): text is DiscardReason {
  return Object.hasOwn(reasons, text);
}

function headerText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, maxDetailLength);
}

function millis(text: string, otherwise: number): number {
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? otherwise : parsed;
}
