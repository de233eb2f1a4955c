import { type NatsConnection, nuid, RequestError } from '@nats-io/transport-node';
import { messageOf } from '../core/errors.ts';
import { publishAll } from './publish-all.ts';
import { Slots, SlotTimeoutError } from './slots.ts';
import { WrittenHeaders } from './written-headers.ts';

/** What becomes one message of the stream. */
export interface StreamRecord {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** The stream stores one message of this id within its duplicate window. */
  readonly id: string | undefined;
}

/** The stream has stored nothing of what was to be written: it refused it, or it cannot be reached. */
export class NotStoredError extends Error {
  override readonly name = 'NotStoredError';
}

/** Nothing is stored, since the stream is too slow for all that is written to it. */
export class TooSlowError extends NotStoredError {}

/** Nobody knows: the stream may have stored it, or a part of it. */
export class MaybeStoredError extends Error {
  override readonly name = 'MaybeStoredError';
}

export interface WriterOptions {
  /** Whether the stream takes atomic batches: nats-server 2.12 and newer, with `allow_atomic` on the stream. */
  readonly atomic: boolean;
  /** How long the server may take to say that it has stored something, in ms. */
  readonly timeoutMs: number;
}

/**
 * Writes records to JetStream. Several at once go as atomic batches if the stream takes them: one answer for all of
 * them, and all or none are stored
 * (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-50.md).
 */
export class StreamWriter {
  readonly #connection: NatsConnection;
  readonly #options: WriterOptions;
  readonly #slots: Slots;

  constructor(connection: NatsConnection, options: WriterOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#slots = new Slots(maxBatches, options.timeoutMs);
  }

  /**
   * Resolves once the stream has stored all records, or had stored the one of the same id before. Records of one subject
   * are stored in their order.
   *
   * @throws TooSlowError, NotStoredError, MaybeStoredError
   */
  async write(records: readonly StreamRecord[]): Promise<void> {
    let stored = false;
    for (const chunk of chunksOf(records)) {
      try {
        if (chunk.length > 1 && this.#options.atomic) await this.#writeBatch(chunk);
        else await this.#writeEach(chunk);
        stored = true;
      } catch (error) {
        if (stored && error instanceof NotStoredError) throw new MaybeStoredError(error.message, { cause: error });
        throw error;
      }
    }
  }

  async #writeBatch(records: readonly StreamRecord[]): Promise<void> {
    const refused = await this.#slots
      .run(() => this.#askForAll(records))
      .catch((error: unknown) => {
        throw error instanceof SlotTimeoutError ? new TooSlowError(error.message, { cause: error }) : error;
      });
    if (refused === undefined) return;
    // Then nothing of it is stored. A client's retry holds events that are, or one holds an event twice: each is asked
    // for by itself.
    if (!batchErrors.has(refused.err_code)) throw new NotStoredError(refused.description);
    await this.#writeEach(records);
  }

  async #askForAll(records: readonly StreamRecord[]): Promise<ApiError | undefined> {
    const batch = nuid.next();
    const publications = records.map(({ subject, payload, id }, index) => {
      const headers = batchHeaders(batch, index, id, index === records.length - 1);
      return { subject, headers, payload };
    });
    const last = publications.pop();
    if (last === undefined) return undefined;
    publishAll(this.#connection, publications);
    return await this.#ask(last.subject, last.payload, last.headers);
  }

  async #writeEach(records: readonly StreamRecord[]): Promise<void> {
    const results = await Promise.allSettled(
      records.map(async ({ subject, payload, id }) => {
        const refused = await this.#ask(subject, payload, idLine(id));
        if (refused !== undefined) throw new NotStoredError(refused.description);
      }),
    );
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const [first] = failures;
    if (first === undefined) return;
    const none = failures.length === records.length && failures.every((failure) => failure instanceof NotStoredError);
    throw none ? first : new MaybeStoredError(messageOf(first), { cause: first });
  }

  /** What the server says against it; undefined once it is stored. */
  async #ask(subject: string, payload: Uint8Array, headers: string): Promise<ApiError | undefined> {
    try {
      const timeout = this.#options.timeoutMs;
      const options = headers === '' ? { timeout } : { timeout, headers: new WrittenHeaders(headers) };
      const answer = await this.#connection.request(subject, payload, options);
      return answer.json<{ readonly error?: ApiError }>().error;
    } catch (error) {
      const nobody = error instanceof RequestError && error.isNoResponders();
      if (nobody) throw new NotStoredError('there is no stream for it, or it has no leader', { cause: error });
      throw new MaybeStoredError(messageOf(error), { cause: error });
    }
  }
}

/** How a server refuses (https://github.com/nats-io/nats-server/blob/main/server/errors.json). */
interface ApiError {
  readonly err_code: number;
  readonly description: string;
}

/** Of the 50 that a stream takes at once from all who write to it. */
const maxBatches = 24;
/** The most messages of a batch. */
const maxBatchSize = 1_000;
/** What a server has against a batch, not against its messages: a duplicate in it, too many or too large batches. */
const batchErrors = new Set([10_174, 10_175, 10_176, 10_177, 10_178, 10_179, 10_199, 10_201, 10_210, 10_211]);

function batchHeaders(batch: string, index: number, id: string | undefined, last: boolean): string {
  const place = `Nats-Batch-Id: ${batch}\r\nNats-Batch-Sequence: ${index + 1}\r\n`;
  return place + idLine(id) + (last ? 'Nats-Batch-Commit: 1\r\n' : '');
}

function idLine(id: string | undefined): string {
  return id === undefined ? '' : `Nats-Msg-Id: ${id}\r\n`;
}

function* chunksOf(records: readonly StreamRecord[]): Iterable<readonly StreamRecord[]> {
  if (records.length <= maxBatchSize) yield records;
  else
    for (let start = 0; start < records.length; start += maxBatchSize) yield records.slice(start, start + maxBatchSize);
}
