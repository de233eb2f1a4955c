import {
  behindBlanks,
  behindByte,
  behindName,
  behindValue,
  closeBrace,
  closeBracket,
  colon,
  comma,
  NeedsParserError,
  openBrace,
  openBracket,
} from '../core/json-bytes.ts';
import { NameTable } from '../core/json-names.ts';
import { scalarAt } from '../core/json-scalar.ts';
import { maxPropertyDepth } from './event-fields.ts';
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
    const field = fields.find(body, nameStart, at - 1);
    const valueStart = behindByte(body, at, colon);
    at = behindValue(body, valueStart, maxPropertyDepth);
    if (field !== undefined) event[field] = valueAt(body, text, valueStart, at);
    at = behindBlanks(body, at);
    if (body[at] === closeBrace) return at + 1;
    at = behindByte(body, at, comma);
  }
}

const fields = new NameTable(judgedFields.map((field) => [field, field]));

function valueAt(body: Buffer, text: string, start: number, end: number): unknown {
  const first = body[start];
  if (first === openBrace) return emptyObject;
  return first === openBracket ? emptyList : scalarAt(body, text, start, end);
}

const emptyObject = Object.freeze({});
const emptyList = Object.freeze([]);
