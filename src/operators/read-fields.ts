import { bufferOf } from '../core/buffer-of.ts';
import { NeedsParserError } from '../core/json-bytes.ts';
import { canBeFound } from '../core/json-names.ts';
import type { FieldPath } from '../core/reading.ts';
import { eventsIn, parsePayload, type Parts, type PartsReader } from './parts.ts';
import { fieldTable, type Fields, PayloadReader } from './payload-reader.ts';

/**
 * Reads of events the fields that are asked for, as `JSON.parse` has them. It passes over the others, and makes sure that
 * they are JSON: that costs less than to parse them, and leaves no objects to be collected. What is no event
 * has all that is in it.
 *
 * Undefined if a field cannot be found by the bytes of its name: then all has to be parsed.
 */
export function readFields(
  paths: readonly FieldPath[],
): ((take: (parts: readonly Parts[]) => void) => PartsReader) | undefined {
  const names = new Set(paths.flat().filter((name) => name !== undefined));
  if (names.has('__proto__') || ![...names].every(canBeFound)) return undefined;
  const fields = fieldTable([...paths, ['event_type']]);
  // All of them, so that events are objects of one shape.
  const noFields: Fields = Object.fromEntries(paths.map(([field]) => [field, undefined]));
  return (take) => ({
    add(message) {
      const payload = bufferOf(message.payload);
      const values = valuesIn(new PayloadReader(payload, fields, noFields)) ?? eventsIn(parsePayload(payload));
      take([{ message, values }]);
    },
    flush: () => undefined,
    stop: () => undefined,
  });
}

/** Undefined for a payload that has to be parsed. */
function valuesIn(reader: PayloadReader): readonly unknown[] | undefined {
  try {
    return reader.read();
  } catch (error) {
    if (error instanceof NeedsParserError) return undefined;
    throw error;
  }
}
