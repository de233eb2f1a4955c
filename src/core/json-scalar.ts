import { backslash, nine, quote } from './json-bytes.ts';

/**
 * The value of what stands there: quicker for short plain texts, numbers and words than the parser, which is asked for
 * all else.
 *
 * @param body UTF-8, of which it is known that a value of JSON stands from `start` to `end`
 * @param text the body with each byte as a character: to cut short texts out of it is cheaper than out of bytes
 */
export function scalarAt(body: Buffer, text: string, start: number, end: number): unknown {
  const first = body[start] ?? 0;
  if (first === quote) {
    if (!isPlain(body, start, end)) return JSON.parse(body.toString('utf8', start, end));
    // A longer one would keep all of the text for itself.
    return end - start <= mostCopied ? text.slice(start + 1, end - 1) : body.toString('latin1', start + 1, end - 1);
  }
  // A sign or a digit: words begin with letters.
  if (first <= nine) return Number(text.slice(start, end));
  return JSON.parse(body.toString('utf8', start, end));
}

/** V8 makes a piece of a text a text of its own up to 12 characters, which have quotes around them here. */
const mostCopied = 14;

/** Whether a text is what its bytes are taken for. */
function isPlain(body: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = body[at] ?? 0;
    if (byte === backslash || byte > lastOfAscii) return false;
  }
  return true;
}

const lastOfAscii = 0x7f;
