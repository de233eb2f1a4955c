import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DiscardReason } from '../../core/message.ts';
import { headOf, type LetterHead } from './dead-letter.ts';
import { deadLetterStream, letterSubject, readLetterSubject } from './dead-letter-stream.ts';

/** Which letters are meant: those that meet all that is stated. */
export interface LetterSelection {
  readonly sync?: string | undefined;
  readonly reason?: DiscardReason | undefined;
  /** Became a letter at this time or later, and before this time; in milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** How many letters are held at once. */
const pageSize = 500;
const expiresMs = 5_000;

/**
 * Reads the letters that are meant, oldest first, without their payloads; those that come while it reads are not among
 * them. It holds a page of them at a time, however many there are.
 */
export async function* walkLetters(
  connection: NatsConnection,
  stream: string,
  { sync = '*', reason, since, until = Infinity }: LetterSelection,
): AsyncIterable<LetterHead> {
  const { state } = await deadLetterStream(connection, stream);
  if (state.messages === 0) return;
  const consumer = await jetstream(connection).consumers.get(stream, {
    filter_subjects: letterSubject(stream, sync, reason ?? '*'),
    headers_only: true,
    ...(since !== undefined && { opt_start_time: new Date(since).toISOString() }),
  });
  try {
    let { num_pending: pending } = await consumer.info();
    while (pending > 0) {
      let received = 0;
      for await (const { info, headers, data } of await consumer.fetch({
        max_messages: pageSize,
        expires: expiresMs,
      })) {
        received++;
        pending = info.pending;
        const failedAt = Math.floor(info.timestampNanos / 1e6);
        if (info.streamSequence > state.last_seq || failedAt >= until) return;
        const bytes = Number(headers?.get('Nats-Msg-Size') || data.length);
        const head = headOf(headers, { letter: info.streamSequence, failedAt, bytes });
        if (head !== undefined) yield head;
        if (pending === 0) break;
      }
      // Those that were counted may have been removed meanwhile.
      if (received === 0) pending = (await consumer.info()).num_pending;
    }
  } finally {
    await consumer.delete().catch(() => false);
  }
}

/** How many letters there are, by sync and reason, as the server counts them. */
export async function countLetters(
  connection: NatsConnection,
  stream: string,
): Promise<readonly { readonly sync: string; readonly reason: string; readonly letters: number }[]> {
  const manager = await jetstreamManager(connection);
  await deadLetterStream(connection, stream);
  const { state } = await manager.streams.info(stream, { subjects_filter: letterSubject(stream, '*', '*') });
  return Object.entries(state.subjects ?? {}).map(([subject, letters]) => ({ ...readLetterSubject(subject), letters }));
}
