/**
 * The `properties` of events and purchases
 * (https://www.braze.com/docs/api/objects_filters/event_object#event-properties-object).
 */
import { isObject, jsonBytes, type JsonObject } from './json.ts';
import { type Problem, problems } from './object-errors.ts';
import { type Truncations, withTruncatedText } from './text-limits.ts';

/** What the properties of one kind of object may hold. */
export interface PropertyRules {
  readonly reserved: ReadonlySet<string>;
  readonly maxBytes: number;
}

/** The keys after this many are ignored in silence. */
const maxProperties = 256;

export function readProperties(value: unknown, rules: PropertyRules, truncations: Truncations): JsonObject | Problem {
  if (value === undefined) return {};
  if (!isObject(value)) return problems.properties;
  const keys = Object.keys(value);
  if (keys.some((key) => rules.reserved.has(key) || !isPropertyName(key))) return problems.properties;
  if (jsonBytes(value) > rules.maxBytes) return problems.propertiesTooLarge;
  const kept = keys.length > maxProperties ? Object.fromEntries(Object.entries(value).slice(0, maxProperties)) : value;
  const cut = withTruncatedText(kept, truncations);
  return isObject(cut) ? cut : kept;
}

function isPropertyName(key: string): boolean {
  return key !== '' && key.length <= 255 && !key.startsWith('$');
}
