import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type { DiscardReason } from '../../core/message.ts';
import { isNotFound } from './api-errors.ts';

/** What could not be delivered, with all that is needed to understand it and to send it again. */
export interface DeadLetter {
  readonly sync: string;
  readonly reason: DiscardReason;
  /** What was wrong, in the words of whoever refused it. */
  readonly detail: string;
  /** How often it was sent. */
  readonly attempts: number;
  /** Where the message came from. */
  readonly stream: string;
  readonly subject: string;
  readonly sequence: number;
  /** When the stream stored it, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Which event of the message this is. */
  readonly index: number;
  /** The event as it came: the message's own bytes where it held one event. */
  readonly payload: Uint8Array | string;
}

/** Stores dead letters. */
export interface DeadLetters {
  /** Resolves once the stream has stored the letter; rejects when it could not. */
  publish(letter: DeadLetter): Promise<void>;
}

const prefix = 'sluice.dead-letters';
const maxDetailLength = 1_000;
/** What the headers of a letter take at most, in bytes; they count towards the server's payload limit. */
const headerRoom = 8_192;

/**
 * Opens the stream of dead letters, and makes it if it is not there: subjects `sluice.dead-letters.<sync>.<reason>`,
 * kept on disk without a limit until somebody replays or purges them.
 */
export async function openDeadLetters(connection: NatsConnection, stream: string): Promise<DeadLetters> {
  const manager = await jetstreamManager(connection);
  const subjects = stream === 'SLUICE_DEAD_LETTERS' ? prefix : `${prefix}.${stream}`;
  try {
    await manager.streams.info(stream);
  } catch (error) {
    if (!isNotFound(error, 'stream')) throw error;
    await manager.streams.add({
      name: stream,
      subjects: [`${subjects}.*.*`],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
    });
  }
  const client = jetstream(connection);
  return {
    async publish(letter) {
      const fields = headersOf(letter);
      const fits = Buffer.byteLength(letter.payload) + headerRoom <= (connection.info?.max_payload ?? Infinity);
      // The headers can lift the largest of messages over the server's limit; it stays readable where it came from.
      if (!fits) fields.set('Sluice-Payload', 'left out: see Sluice-Stream and Sluice-Sequence');
      await client.publish(`${subjects}.${letter.sync}.${letter.reason}`, fits ? letter.payload : '', {
        // A letter that was stored just before a crash is not stored again when its message comes back.
        msgID: `${letter.sync}:${letter.stream}:${letter.sequence}:${letter.index}`,
        headers: fields,
      });
    },
  };
}

function headersOf(letter: DeadLetter): ReturnType<typeof headers> {
  const fields = headers();
  fields.set('Sluice-Sync', letter.sync);
  fields.set('Sluice-Reason', letter.reason);
  fields.set('Sluice-Detail', headerText(letter.detail));
  fields.set('Sluice-Attempts', String(letter.attempts));
  fields.set('Sluice-Stream', letter.stream);
  fields.set('Sluice-Subject', letter.subject);
  fields.set('Sluice-Sequence', String(letter.sequence));
  fields.set('Sluice-Index', String(letter.index));
  fields.set('Sluice-Time', new Date(letter.storedAt).toISOString());
  return fields;
}

function headerText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, maxDetailLength);
}
