/**
 * What becomes of an attribute when a value is sent for it. What does not fit is dropped without a word, as Braze does
 * (https://www.braze.com/docs/api/objects_filters/user_attributes_object#custom-attribute-data-types).
 */
import { isObject, type JsonObject } from './json.ts';
import { changeObjects, isObjectOperation, isValidNested, merged, withinSize } from './nested-attributes.ts';

/** A full array loses its oldest values. */
const maxArrayLength = 500;

/**
 * The attribute's next value; null when it is removed, undefined when it stays as it is.
 *
 * @param current the value that the profile has, undefined if none
 */
export function nextValue(current: unknown, sent: unknown, mergeObjects: boolean): unknown {
  if (Array.isArray(sent)) return sent.some(isObject) ? nested(sent) : scalars(sent);
  if (!isObject(sent)) return sent;
  if (holdsOnly(sent, ['inc'])) return incremented(current, sent['inc']);
  if (holdsOnly(sent, ['add', 'remove'])) return changed(current, sent);
  if (isObjectOperation(sent)) return changeObjects(current, sent, mergeObjects);
  return nested(sent, mergeObjects ? current : undefined);
}

function holdsOnly(value: JsonObject, keys: readonly string[]): boolean {
  const own = Object.keys(value);
  return own.length > 0 && own.every((key) => keys.includes(key));
}

function incremented(current: unknown, by: unknown): unknown {
  if (!Number.isInteger(by)) return undefined;
  if (current === undefined) return by;
  return typeof current === 'number' ? current + Number(by) : undefined;
}

/** An array is a set: a value that comes again moves to the end. */
function scalars(values: readonly unknown[]): unknown[] {
  const unique = new Set<unknown>();
  for (const value of values) {
    unique.delete(value);
    unique.add(value);
  }
  return [...unique].slice(-maxArrayLength);
}

function changed(current: unknown, { add = [], remove = [] }: JsonObject): unknown {
  const present: unknown = current ?? [];
  if (!Array.isArray(present) || !Array.isArray(add) || !Array.isArray(remove)) return undefined;
  const removed = new Set<unknown>(remove);
  return scalars([...(present as unknown[]), ...(add as unknown[])]).filter((value) => !removed.has(value));
}

function nested(sent: unknown, current?: unknown): unknown {
  return isValidNested(sent) ? withinSize(merged(current, sent)) : undefined;
}
