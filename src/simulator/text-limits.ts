/**
 * Braze cuts long names and string values and says nothing (https://www.braze.com/docs/developer_guide/analytics: 479
 * bytes; https://www.braze.com/docs/api/objects_filters/event_object: 255 characters). The two pages disagree on the
 * limit, so here both hold.
 */
import { isObject } from './json.ts';

const maxCharacters = 255;
const maxBytes = 479;
/** A UTF-16 unit is at most three bytes of UTF-8: text of this length needs no closer look. */
const surelyFits = Math.floor(maxBytes / 3);
/** What is nested deeper is left as it is. */
const maxDepth = 64;

/** How often something had to be cut. */
export interface Truncations {
  count: number;
}

/** The text within the limits. */
export function truncated(text: string, truncations: Truncations): string {
  if (text.length <= surelyFits) return text;
  let kept = Array.from(text).slice(0, maxCharacters);
  while (Buffer.byteLength(kept.join('')) > maxBytes) kept = kept.slice(0, -1);
  const result = kept.join('');
  if (result !== text) truncations.count++;
  return result;
}

/** The value with every string in it within the limits. */
export function withTruncatedText(value: unknown, truncations: Truncations): unknown {
  return mayHoldLongText(value, 0) ? truncatedCopy(value, truncations, 0) : value;
}

/** Nearly all values are fine: finding that out makes no garbage. */
function mayHoldLongText(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.length > surelyFits;
  if (typeof value !== 'object' || value === null || depth > maxDepth) return false;
  if (Array.isArray(value)) return value.some((item) => mayHoldLongText(item, depth + 1));
  return isObject(value) && Object.values(value).some((item) => mayHoldLongText(item, depth + 1));
}

function truncatedCopy(value: unknown, truncations: Truncations, depth: number): unknown {
  if (typeof value === 'string') return truncated(value, truncations);
  if (depth > maxDepth) return value;
  if (Array.isArray(value)) return value.map((item) => truncatedCopy(item, truncations, depth + 1));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, truncatedCopy(item, truncations, depth + 1)]),
  );
}
