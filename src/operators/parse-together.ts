import { randomInt } from 'node:crypto';
import { closeBracket, openBracket } from '../core/json-bytes.ts';

/** How long payloads may be together, in bytes. */
export const maxTogether = 65_536;

/**
 * Parses several payloads as one text: 6.2 µs an event rather than 7.2, where each is made a text and parsed by itself.
 * Undefined if one of them is no JSON, or they are too long.
 *
 * Each stands between two commas in a list, with a number after it that no payload can know. So a payload that is no JSON by
 * itself cannot be made JSON by those beside it: what reaches over a number hides it, and what holds a comma of the
 * list is one value too many.
 */
export function parseTogether(payloads: readonly Uint8Array[]): readonly unknown[] | undefined {
  let length = 1;
  for (const payload of payloads) length += payload.byteLength + mark.length;
  if (length > scratch.length) return undefined;
  scratch[0] = openBracket;
  let at = 1;
  for (const payload of payloads) {
    scratch.set(payload, at);
    at += payload.byteLength;
    at += scratch.write(mark, at, 'latin1');
  }
  // In the place of the last comma.
  scratch[at - 1] = closeBracket;
  let parsed: readonly unknown[];
  try {
    parsed = JSON.parse(scratch.toString('utf8', 0, at)) as unknown[];
  } catch {
    return undefined;
  }
  if (parsed.length !== 2 * payloads.length) return undefined;
  const values: unknown[] = [];
  for (let place = 0; place < parsed.length; place += 2) {
    if (parsed[place + 1] !== marker) return undefined;
    values.push(parsed[place]);
  }
  return values;
}

const marker = randomInt(2 ** 47, 2 ** 48 - 1);
const mark = `,${marker},`;
/** One for all calls: it is filled and read without a pause. */
const scratch = Buffer.allocUnsafe(maxTogether + 4_096);
