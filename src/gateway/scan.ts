import { backslash, closeBrace, closeBracket, openBrace, openBracket, quote } from '../core/json-bytes.ts';

/** Where an event stands in the bytes of a body: from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What is known of a JSON text before it is parsed. */
export interface Scan {
  /** The objects in the list `events` of the outermost object, or undefined when they cannot be told for sure. */
  readonly events: readonly Span[] | undefined;
  /** How deep objects and lists nest. */
  readonly depth: number;
}

/** The body nests deeper, or holds more parts, than it may. */
export class TooComplexError extends Error {
  override readonly name = 'TooComplexError';
}

export interface ScanLimits {
  /** How deep objects and lists may nest. */
  readonly depth: number;
  /** How many texts there may be; an object or list counts as four. Each costs more memory parsed than written. */
  readonly parts: number;
  /** How many objects the list `events` may hold. */
  readonly events: number;
}

/**
 * Goes once over JSON bytes, so that a bomb is refused before it is parsed, and so that events can be published as
 * they were written, without being serialised again. It judges nothing else: whether it is JSON, the parser says.
 */
export function scan(body: Uint8Array, limits: ScanLimits): Scan {
  const { length } = body;
  let depth = 0;
  let deepest = 0;
  let parts = 0;
  let sure = true;
  /** Of the string that ended last. */
  let textStart = 0;
  let textEnd = 0;
  let inEvents = false;
  let start = 0;
  let spans: Span[] | undefined;
  for (let at = 0; at < length; at++) {
    const byte = body[at] ?? 0;
    if (byte === quote) {
      textStart = at + 1;
      for (;;) {
        let character = body[++at];
        while (character !== quote && character !== backslash && at < length) character = body[++at];
        if (character !== backslash) break;
        at++;
        // A key may be written with escapes: the parser then sees another name than this does.
        if (depth === 1) sure = false;
      }
      textEnd = at;
      parts++;
    } else if (byte < openBracket) {
      // Most of what stands outside of texts: numbers, commas, colons, blanks.
    } else if (byte === openBrace || byte === openBracket) {
      if (depth === 1) {
        inEvents = byte === openBracket && isEvents(body, textStart, textEnd);
        if (inEvents) {
          // The parser keeps the last of two lists of one name.
          sure &&= spans === undefined;
          spans = [];
        }
      } else if (depth === 2) start = at;
      parts += 4;
      if (++depth > deepest) deepest = depth;
      if (depth > limits.depth || parts > limits.parts) throw new TooComplexError();
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth !== 2 || !inEvents || spans === undefined) continue;
      if (spans.push({ start, end: at + 1 }) > limits.events) throw new TooComplexError();
    }
  }
  return { events: sure ? spans : undefined, depth: deepest };
}

const name = Buffer.from('events');

function isEvents(body: Uint8Array, start: number, end: number): boolean {
  return end - start === name.length && name.every((byte, place) => body[start + place] === byte);
}
