import type { NatsConnection } from '@nats-io/transport-node';
import { rawWriterOf } from '../nats/raw-writer.ts';
import type { WrittenHeaders } from './written-headers.ts';

export interface Publication {
  readonly subject: string;
  readonly headers: WrittenHeaders;
  readonly payload: Uint8Array;
}

/** Publishes all in one piece of bytes: a third of what it costs to publish each. */
export function publishAll(connection: NatsConnection, publications: readonly Publication[]): void {
  const write = rawWriterOf(connection);
  if (write !== undefined) write(framesOf(publications));
  else for (const { subject, headers, payload } of publications) connection.publish(subject, payload, { headers });
}

/** As the protocol has them (docs.nats.io/reference/reference-protocols/nats-protocol#hpub). */
function framesOf(publications: readonly Publication[]): Uint8Array {
  let length = 0;
  const heads = publications.map(({ subject, headers: { text }, payload }) => {
    const head = `HPUB ${subject} ${text.length} ${text.length + payload.length}\r\n${text}`;
    length += Buffer.byteLength(head) + payload.length + lineEnd.length;
    return head;
  });
  const frames = Buffer.allocUnsafe(length);
  let at = 0;
  for (const [index, { payload }] of publications.entries()) {
    at += frames.write(heads[index] ?? '', at);
    frames.set(payload, at);
    at += payload.length;
    at += frames.write(lineEnd, at);
  }
  return frames;
}

const lineEnd = '\r\n';
