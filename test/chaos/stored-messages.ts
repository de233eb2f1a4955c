import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** A message as a stream holds it. */
export interface StoredMessage {
  readonly sequence: number;
  readonly payload: Buffer;
  readonly header: (name: string) => string;
}

const atOnce = 500;

/** All messages of a stream, in its order; none if there is no such stream. */
export async function storedMessages(connection: NatsConnection, stream: string): Promise<readonly StoredMessage[]> {
  const manager = await jetstreamManager(connection);
  const found = await manager.streams.info(stream).catch(() => undefined);
  const { first_seq: first = 1, last_seq: last = 0 } = found?.state ?? {};
  const messages: StoredMessage[] = [];
  for (let start = first; start <= last; start += atOnce) {
    const sequences = Array.from({ length: Math.min(atOnce, last - start + 1) }, (_, index) => start + index);
    const some = await Promise.all(sequences.map((seq) => manager.streams.getMessage(stream, { seq })));
    for (const message of some) {
      if (message === null) continue;
      const header = (name: string): string => message.header.get(name);
      messages.push({ sequence: message.seq, payload: Buffer.from(message.data), header });
    }
  }
  return messages;
}
