/**
 * Attributes that are objects or arrays of objects
 * (https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support,
 * https://www.braze.com/docs/user_guide/data/activation/attributes/array_of_objects).
 */
import { isObject, jsonBytes, type JsonObject } from './json.ts';
import { isDate } from './times.ts';

const maxNestedBytes = 102_400;
const maxDepth = 64;
const operations: ReadonlySet<string> = new Set(['$add', '$remove', '$update']);

/** One bad value or key spoils the whole attribute. */
export function isValidNested(value: unknown, depth = 0): boolean {
  if (depth > maxDepth || value === null) return false;
  if (Array.isArray(value)) return value.every((item) => isValidNested(item, depth + 1));
  if (!isObject(value)) return true;
  if ('$time' in value) return typeof value['$time'] === 'string' && isDate(value['$time']);
  return Object.entries(value).every(([key, item]) => isNestedKey(key) && isValidNested(item, depth + 1));
}

/** An update above the size is dropped. */
export function withinSize(value: unknown): unknown {
  return jsonBytes(value) <= maxNestedBytes ? value : undefined;
}

/** A deep merge of objects; anything else takes the place of what was there. */
export function merged(current: unknown, sent: unknown): unknown {
  if (!isObject(current) || !isObject(sent)) return sent;
  const result = new Map(Object.entries(current));
  for (const [key, value] of Object.entries(sent)) result.set(key, merged(result.get(key), value));
  return Object.fromEntries(result);
}

export function isObjectOperation(value: JsonObject): boolean {
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => operations.has(key));
}

/** The array after `$add`, then `$remove`, then `$update`: always in this order, however they were written. */
export function changeObjects(current: unknown, operation: JsonObject, mergeObjects: boolean): unknown {
  const { $add = [], $remove = [], $update = [] } = operation;
  const present: unknown = current ?? [];
  if (![present, $add, $remove, $update].every((list) => Array.isArray(list))) return undefined;
  if (!isValidNested($add) || !objectsIn($update).every(({ $new_object }) => isValidNested($new_object))) {
    return undefined;
  }
  const removed = objectsIn($remove);
  const updates = objectsIn($update);
  return withinSize(
    [...objectsIn(present), ...objectsIn($add)]
      .filter((item) => !removed.some((pair) => isMatch(item, pair)))
      .map((item) =>
        updates
          .filter((pair) => isMatch(item, pair))
          .reduce((last, { $new_object: next }) => {
            return isObject(next) ? (mergeObjects ? (merged(last, next) as JsonObject) : next) : last;
          }, item),
      ),
  );
}

function objectsIn(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isMatch(item: JsonObject, { $identifier_key: key, $identifier_value: value }: JsonObject): boolean {
  return typeof key === 'string' && item[key] === value;
}

function isNestedKey(key: string): boolean {
  return key !== '' && key.length <= 255 && !/[.$\s]/.test(key);
}
