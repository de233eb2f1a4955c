import { jetstream, type JetStreamClient, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isStreamFull } from './api-errors.ts';
import { type DeadLetter, headersOf, headOf, type StoredLetter } from './dead-letter.ts';
import { letterSubject } from './dead-letter-stream.ts';
import { eventTexts } from './event-text.ts';

/** Stores dead letters. */
export interface DeadLetters {
  /** Resolves once the stream has stored the letter; rejects when it could not. */
  publish(letter: DeadLetter): Promise<void>;
}

/** What the headers of a letter take at most, in bytes; they count towards the server's payload limit. */
const headerRoom = 8_192;

/** The letters in the stream, one by one. Rejects when the server cannot be asked, or refuses. */
export class DeadLetterStore implements DeadLetters {
  readonly stream: string;
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;

  private constructor(connection: NatsConnection, stream: string, manager: JetStreamManager) {
    this.stream = stream;
    this.#connection = connection;
    this.#client = jetstream(connection);
    this.#manager = manager;
  }

  static async open(connection: NatsConnection, stream: string): Promise<DeadLetterStore> {
    return new DeadLetterStore(connection, stream, await jetstreamManager(connection));
  }

  async publish(letter: DeadLetter): Promise<void> {
    const { sync, reason, stream, sequence, storedAt, index, replays, payload } = letter;
    // The headers can lift the largest of messages over the server's limit; it stays readable where it came from.
    const fits = Buffer.byteLength(payload) + headerRoom <= (this.#connection.info?.max_payload ?? Infinity);
    try {
      await this.#client.publish(letterSubject(this.stream, sync, reason), fits ? payload : '', {
        // A letter that was stored just before a crash is not stored again when its message comes back. The time tells
        // it from one of another message of this number, in a stream that was made anew.
        msgID: `${sync}:${stream}:${sequence}:${storedAt}:${index}${replays === 0 ? '' : `:${replays}`}`,
        headers: headersOf(letter, !fits),
      });
    } catch (error) {
      if (!isStreamFull(error)) throw error;
      throw new Error(
        `the stream ${this.stream} is full; replay or purge letters, or raise SLUICE_DEAD_LETTERS_MAX_MB`,
        { cause: error },
      );
    }
  }

  /** Undefined if there is no letter of this number, or no more. */
  async get(letter: number): Promise<StoredLetter | undefined> {
    const stored = await this.#manager.streams.getMessage(this.stream, { seq: letter });
    if (stored === null) return undefined;
    const { data, header, timestamp } = stored;
    const head = headOf(header, { letter, failedAt: Date.parse(timestamp), bytes: data.length });
    return head === undefined ? undefined : { ...head, payload: data };
  }

  /**
   * The bytes of a letter's event: those in the letter, else those of the message that it came from; undefined if that
   * is gone.
   */
  async payloadOf(letter: StoredLetter): Promise<Uint8Array | undefined> {
    if (!letter.isLeftOut) return letter.payload;
    const { stream, sequence: seq, storedAt, index, events } = letter;
    const origin = await this.#manager.streams.getMessage(stream, { seq }).catch(() => null);
    // A stream that was made anew has another message under this number. One millisecond may be lost in rounding.
    if (origin === null || Math.abs(Date.parse(origin.timestamp) - storedAt) > 1) return undefined;
    if (events === 1) return origin.data;
    const text = eventTexts(new TextDecoder().decode(origin.data))[index];
    return text === undefined ? undefined : new TextEncoder().encode(text);
  }

  /** Removes a letter; one that is gone already is no error. */
  async remove(letter: number): Promise<void> {
    try {
      // Overwriting the bytes on disk as well would take the server a hundred times as long.
      await this.#manager.streams.deleteMessage(this.stream, letter, false);
    } catch (error) {
      if ((await this.#manager.streams.getMessage(this.stream, { seq: letter })) !== null) throw error;
    }
  }
}
