/**
 * JSON (https://www.rfc-editor.org/rfc/rfc8259) in bytes of UTF-8, passed over rather than parsed: each function takes the
 * place where something begins, and gives the place behind it. It throws a NeedsParserError wherever `JSON.parse` would throw.
 */

/** What stands there is no JSON, or not what can be gone on with: the parser has to say. */
export class NeedsParserError extends Error {
  override readonly name = 'NeedsParserError';
}

export const quote = 0x22;
export const backslash = 0x5c;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const comma = 0x2c;
export const colon = 0x3a;
const space = 0x20;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
export const nine = 0x39;
const lowerE = 0x65;
const lowerU = 0x75;
/** The bit that a small letter has and its capital one has not. */
const small = 0x20;

/** Passes over blanks, if there are any. */
export function behindBlanks(body: Uint8Array, at: number): number {
  // Mostly there are none.
  if ((body[at] ?? 0) > space) return at;
  while (isBlank(body[at] ?? 0)) at++;
  return at;
}

/** Passes over the byte that has to be there, and over blanks around it. */
export function behindByte(body: Uint8Array, at: number, byte: number): number {
  if (body[at] === byte && (body[at + 1] ?? 0) > space) return at + 1;
  at = behindBlanks(body, at);
  if (body[at] !== byte) throw new NeedsParserError();
  return behindBlanks(body, at + 1);
}

export function behindText(body: Uint8Array, at: number): number {
  if (body[at] !== quote) throw new NeedsParserError();
  for (;;) {
    let byte = body[++at] ?? 0;
    while (byte > quote && byte !== backslash) byte = body[++at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte === backslash) at = lastOfEscape(body, at);
    else if (byte < space) throw new NeedsParserError();
  }
}

/** Passes over a name. One that is written with an escape is another one than it looks. */
export function behindName(body: Uint8Array, at: number): number {
  if (body[at] !== quote) throw new NeedsParserError();
  let byte = body[++at] ?? 0;
  while (byte !== quote) {
    if (byte < space || byte === backslash) throw new NeedsParserError();
    byte = body[++at] ?? 0;
  }
  return at + 1;
}

/**
 * @param depth how deep it may nest: what nests deeper needs the parser too
 */
export function behindValue(body: Uint8Array, at: number, depth: number): number {
  const byte = body[at] ?? 0;
  if (byte === quote) return behindText(body, at);
  if (byte === openBrace) return behindObject(body, at, depth);
  if (byte === openBracket) return behindList(body, at, depth);
  return byte === minus || isDigit(byte) ? behindNumber(body, at) : behindWord(body, at);
}

function behindObject(body: Uint8Array, at: number, depth: number): number {
  if (depth === 0) throw new NeedsParserError();
  at = behindBlanks(body, at + 1);
  if (body[at] === closeBrace) return at + 1;
  for (;;) {
    at = behindByte(body, behindText(body, at), colon);
    at = behindValue(body, at, depth - 1);
    at = behindBlanks(body, at);
    if (body[at] === closeBrace) return at + 1;
    at = behindByte(body, at, comma);
  }
}

function behindList(body: Uint8Array, at: number, depth: number): number {
  if (depth === 0) throw new NeedsParserError();
  at = behindBlanks(body, at + 1);
  if (body[at] === closeBracket) return at + 1;
  for (;;) {
    at = behindBlanks(body, behindValue(body, at, depth - 1));
    if (body[at] === closeBracket) return at + 1;
    at = behindByte(body, at, comma);
  }
}

function behindNumber(body: Uint8Array, at: number): number {
  if (body[at] === minus) at++;
  at = body[at] === zero ? at + 1 : behindDigits(body, at);
  if (body[at] === point) at = behindDigits(body, at + 1);
  if (((body[at] ?? 0) | small) !== lowerE) return at;
  at++;
  return behindDigits(body, body[at] === plus || body[at] === minus ? at + 1 : at);
}

function behindDigits(body: Uint8Array, at: number): number {
  if (!isDigit(body[at] ?? 0)) throw new NeedsParserError();
  while (isDigit(body[at] ?? 0)) at++;
  return at;
}

function behindWord(body: Uint8Array, at: number): number {
  const word = words.find(([first]) => first === body[at]);
  if (word === undefined || !word.every((byte, place) => byte === body[at + place])) throw new NeedsParserError();
  return at + word.length;
}

const words = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function lastOfEscape(body: Uint8Array, at: number): number {
  const kind = body[at + 1] ?? 0;
  if (shortEscapes.includes(kind)) return at + 1;
  if (kind !== lowerU || ![2, 3, 4, 5].every((place) => isHex(body[at + place] ?? 0))) throw new NeedsParserError();
  return at + 5;
}

const shortEscapes = Buffer.from('"\\/bfnrt');

const isBlank = (byte: number): boolean =>
  byte <= space && (byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09);
const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;
const isHex = (byte: number): boolean => isDigit(byte) || ((byte | small) >= 0x61 && (byte | small) <= 0x66);
