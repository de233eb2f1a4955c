import type { NatsConnection } from '@nats-io/transport-node';
import { rawWriterOf } from '../nats/raw-writer.ts';
import { headerBlock, WrittenHeaders } from './written-headers.ts';

export interface Publication {
  readonly subject: string;
  /** `Name: value`, each ended by CRLF, all in ASCII. */
  readonly headers: string;
  readonly payload: Uint8Array;
}

/** Publishes all in one piece of bytes: a third of what it costs to publish each. */
export function publishAll(connection: NatsConnection, publications: readonly Publication[]): void {
  if (publications.length === 0) return;
  const write = rawWriterOf(connection);
  if (write !== undefined) return write(framesOf(publications));
  for (const { subject, headers, payload } of publications) {
    connection.publish(subject, payload, { headers: new WrittenHeaders(headers) });
  }
}

/** As the protocol has them (docs.nats.io/reference/reference-protocols/nats-protocol#hpub). */
function framesOf(publications: readonly Publication[]): Uint8Array {
  let length = 0;
  const heads = publications.map(({ subject, headers, payload }, index) => {
    const block = headerBlock(headers);
    const before = index === 0 ? '' : lineEnd;
    const head = `${before}HPUB ${subject} ${block.length} ${block.length + payload.length}\r\n${block}`;
    length += Buffer.byteLength(head) + payload.length;
    return head;
  });
  const frames = Buffer.allocUnsafe(length + lineEnd.length);
  let at = 0;
  for (const [index, { payload }] of publications.entries()) {
    at += frames.write(heads[index] ?? '', at);
    frames.set(payload, at);
    at += payload.length;
  }
  frames.write(lineEnd, at);
  return frames;
}

/** Ends a payload too. It is written with the head of the next, since each write costs a call out of JavaScript. */
const lineEnd = '\r\n';
