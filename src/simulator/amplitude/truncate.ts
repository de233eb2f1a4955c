import { isObject } from '../json.ts';

/** Amplitude cuts texts to this length: https://amplitude.com/docs/faq/limits. */
const maxTextLength = 1_024;

/** The value with its texts cut to fit; `onCut` is called for each that was. */
export function truncated(value: unknown, onCut: () => void): unknown {
  if (typeof value === 'string') {
    if (value.length <= maxTextLength) return value;
    onCut();
    return value.slice(0, maxTextLength);
  }
  if (Array.isArray(value)) return value.map((item) => truncated(item, onCut));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, truncated(inner, onCut)]));
}
