import { maxPropertyDepth } from './event-fields.ts';
import {
  backslash,
  behindBlanks,
  behindByte,
  behindValue,
  closeBrace,
  closeBracket,
  colon,
  comma,
  NeedsParserError,
  nine,
  openBrace,
  openBracket,
  quote,
  space,
} from './json-bytes.ts';
import { type JudgedEvent, type JudgedField, judgedFields } from './judged-fields.ts';
import type { Span } from './scan.ts';

/** A request of events, of which only what is judged was made anything of. */
export interface Outline {
  /** Its `api_key`, `options` and `events`, and of these what is judged. An object or a list in an event is an empty one. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Where each event stands in the body. */
  readonly spans: readonly Span[];
}

/** The most events of a request (https://amplitude.com/docs/apis/analytics/http-v2). */
export const maxEvents = 2_000;

/**
 * Reads of a body what is judged, and makes sure that the rest is JSON. Undefined for what has to be parsed: it is no
 * JSON, or nests deep, or names something twice or with an escape, or is no request of events.
 *
 * Scanning and parsing all of it takes half as long again, and leaves objects to the collector that nobody needs.
 *
 * @param body UTF-8
 */
export function outlineOf(body: Buffer): Outline | undefined {
  try {
    return readRequest(body, body.toString('latin1'));
  } catch (error) {
    if (error instanceof NeedsParserError) return undefined;
    throw error;
  }
}

/** @param text the body with each byte as a character: to cut short texts out of it is cheaper than out of bytes */
function readRequest(body: Buffer, text: string): Outline {
  const request: Record<string, unknown> = {};
  let spans: readonly Span[] | undefined;
  let at = behindByte(body, 0, openBrace);
  for (;;) {
    const nameStart = at + 1;
    at = behindName(body, at);
    const name = text.slice(nameStart, at - 1);
    const start = behindByte(body, at, colon);
    if (name === 'events') {
      // The parser keeps the last of two.
      if (spans !== undefined) throw new NeedsParserError();
      const list = readEvents(body, text, start);
      request[name] = list.events;
      ({ spans, end: at } = list);
    } else {
      at = behindValue(body, start, maxPropertyDepth);
      if (name === 'api_key' || name === 'options') request[name] = JSON.parse(body.toString('utf8', start, at));
    }
    at = behindBlanks(body, at);
    if (body[at] === closeBrace) break;
    at = behindByte(body, at, comma);
  }
  if (spans === undefined || behindBlanks(body, at + 1) < body.length) throw new NeedsParserError();
  return { request, spans };
}

function readEvents(body: Buffer, text: string, start: number) {
  const events: JudgedEvent[] = [];
  const spans: Span[] = [];
  let at = behindByte(body, start, openBracket);
  for (;;) {
    const event = { ...noFields };
    const end = readEvent(body, text, at, event);
    events.push(event);
    spans.push({ start: at, end });
    if (spans.length > maxEvents) throw new NeedsParserError();
    at = behindBlanks(body, end);
    if (body[at] === closeBracket) return { events, spans, end: at + 1 };
    at = behindByte(body, at, comma);
  }
}

type Fields = Partial<Record<JudgedField, unknown>>;

/** All of them, so that events are objects of one shape. */
const noFields: Fields = Object.fromEntries(judgedFields.map((field) => [field, undefined]));

/** Sets the fields of an event, and gives the place behind it. */
function readEvent(body: Buffer, text: string, start: number, event: Fields): number {
  let at = behindByte(body, start, openBrace);
  for (;;) {
    const nameStart = at + 1;
    at = behindName(body, at);
    const field = fieldAt(body, nameStart, at - 1);
    const valueStart = behindByte(body, at, colon);
    at = behindValue(body, valueStart, maxPropertyDepth);
    if (field !== undefined) event[field] = valueAt(body, text, valueStart, at);
    at = behindBlanks(body, at);
    if (body[at] === closeBrace) return at + 1;
    at = behindByte(body, at, comma);
  }
}

/** Passes over a name. One that is written with an escape is another one than it looks. */
function behindName(body: Uint8Array, at: number): number {
  if (body[at] !== quote) throw new NeedsParserError();
  let byte = body[++at] ?? 0;
  while (byte !== quote) {
    if (byte < space || byte === backslash) throw new NeedsParserError();
    byte = body[++at] ?? 0;
  }
  return at + 1;
}

function fieldAt(body: Uint8Array, start: number, end: number): JudgedField | undefined {
  const length = end - start;
  if (length > longestName) return undefined;
  for (const { name, bytes } of groups[groupByHead[headOf(length, body[start])] ?? 0] ?? []) {
    let place = 1;
    while (place < length && bytes[place] === body[start + place]) place++;
    if (place === length) return name;
  }
  return undefined;
}

const longestName = 31;
/** A name's length and the last bits of its first byte, which tell most of them apart. */
const headOf = (length: number, first = 0): number => (length << 5) | (first & 31);
/** The fields that share a head. The first group is that of none. */
const groups: { readonly name: JudgedField; readonly bytes: Uint8Array }[][] = [[]];
/** Small, since it is asked for each name of each event. */
const groupByHead = new Uint8Array(headOf(longestName + 1));
for (const name of judgedFields) {
  const bytes = Buffer.from(name);
  const head = headOf(bytes.length, bytes[0]);
  groupByHead[head] ||= groups.push([]) - 1;
  groups[groupByHead[head]]?.push({ name, bytes });
}

function valueAt(body: Buffer, text: string, start: number, end: number): unknown {
  const first = body[start] ?? 0;
  if (first === openBrace) return emptyObject;
  if (first === openBracket) return emptyList;
  if (first === quote && isPlain(body, start, end)) return text.slice(start + 1, end - 1);
  // A sign or a digit: words begin with letters.
  const isNumber = first <= nine && first !== quote;
  return isNumber ? Number(text.slice(start, end)) : JSON.parse(body.toString('utf8', start, end));
}

const emptyObject = Object.freeze({});
const emptyList = Object.freeze([]);

/** Whether a text is what its bytes are taken for. */
function isPlain(body: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = body[at] ?? 0;
    if (byte === backslash || byte > lastOfAscii) return false;
  }
  return true;
}

const lastOfAscii = 0x7f;
