import { remembered } from '../core/remembered.ts';
import { noTypeToken, typeToken } from '../core/subject.ts';
import type { CheckedEvent } from './check-events.ts';
import { combinedId, messageId } from './message-id.ts';
import { partitionOf } from './partition.ts';
import type { Span } from './scan.ts';
import type { StreamRecord } from './stream-writer.ts';

/**
 * How events become messages: `event` makes one of each, which a consumer can choose by its type and which the stream
 * knows again by its id; `packed` makes one of all events of a request that share a partition, which costs less.
 */
export const layouts = ['event', 'packed'] as const;
export type Layout = (typeof layouts)[number];

export interface Placing {
  readonly layout: Layout;
  /** The first token of the subjects. */
  readonly prefix: string;
  readonly partitions: number;
}

/** The bytes of a request, and where its events stand in them. */
export interface Source {
  readonly body: Buffer;
  readonly spans: readonly Span[] | undefined;
}

/** Makes messages of the events of a request: the bytes that were sent, except of events that were altered. */
export function recordsOf(events: readonly CheckedEvent[], source: Source, placing: Placing): readonly StreamRecord[] {
  const { body } = source;
  // Not one span for each event: then they are not what the parser saw.
  const spans = source.spans?.length === events.length ? source.spans : undefined;
  const payloadOf = (checked: CheckedEvent, index: number): Uint8Array => {
    const span = spans?.[index];
    const sent = span && body.subarray(span.start, span.end);
    if (checked.changes === undefined && sent !== undefined) return sent;
    // All of it: what was judged may be only a part.
    const event = sent === undefined ? checked.event : (JSON.parse(sent.toString()) as object);
    return Buffer.from(JSON.stringify({ ...event, ...checked.changes }));
  };
  return placing.layout === 'event' ? oneEach(events, payloadOf, placing) : packed(events, payloadOf, placing);
}

type PayloadOf = (event: CheckedEvent, index: number) => Uint8Array;

function oneEach(events: readonly CheckedEvent[], payloadOf: PayloadOf, placing: Placing): readonly StreamRecord[] {
  return events.map((event, index) => ({
    subject: subjectOf(placing, partitionOf(event.owner, placing.partitions), event.type),
    payload: payloadOf(event, index),
    id: messageId(event),
  }));
}

function packed(events: readonly CheckedEvent[], payloadOf: PayloadOf, placing: Placing): readonly StreamRecord[] {
  const records: StreamRecord[] = [];
  const packs = new Map<number, Pack>();
  for (const [index, event] of events.entries()) {
    const partition = partitionOf(event.owner, placing.partitions);
    const payload = payloadOf(event, index);
    let pack = packs.get(partition);
    if (pack !== undefined && pack.bytes + payload.length > maxPackBytes) {
      records.push(recordOf(placing, partition, pack));
      pack = undefined;
    }
    if (pack === undefined) packs.set(partition, (pack = { type: event.type, bytes: 0, ids: [], parts: [] }));
    if (pack.type !== event.type) pack.type = undefined;
    pack.bytes += payload.length + 1;
    pack.ids.push(messageId(event));
    pack.parts.push(pack.parts.length === 0 ? listStart : comma, payload);
  }
  for (const [partition, pack] of packs) records.push(recordOf(placing, partition, pack));
  return records;
}

/** Half of what a nats-server takes in one message unless it is told otherwise. */
const maxPackBytes = 512 * 1_024;

interface Pack {
  /** Undefined once they are of several types. */
  type: string | undefined;
  bytes: number;
  readonly ids: (string | undefined)[];
  readonly parts: Uint8Array[];
}

function recordOf(placing: Placing, partition: number, { type, ids, parts }: Pack): StreamRecord {
  const known = ids.filter((id) => id !== undefined);
  return {
    subject: subjectOf(placing, partition, type),
    payload: Buffer.concat([...parts, listEnd]),
    id: known.length === ids.length ? combinedId(known) : undefined,
  };
}

const listStart = Buffer.from('[');
const comma = Buffer.from(',');
const listEnd = Buffer.from(']');

/** `events.7.Purchase`. */
function subjectOf({ prefix }: Placing, partition: number, type: string | undefined): string {
  return `${prefix}.${partition}.${type === undefined ? noTypeToken : tokenOf(type)}`;
}

const tokenOf = remembered(typeToken);
