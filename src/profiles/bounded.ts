import { isRecord } from '../core/event.ts';
import type { Why } from './reports.ts';

/**
 * Amplitude cuts a text at 1,024 characters and takes values that are nested up to 40 levels deep
 * (amplitude.com/docs/apis/analytics/http-v2).
 */
const maxCharacters = 1_024;
const maxDepth = 40;
/** Of a list of plain values. Braze keeps 500; twice as many leave room for those that are removed again. */
const maxItems = 1_000;
/** Of a value as JSON. Braze takes objects of 100 KB; 500 texts of the length that it takes are 240 KB. */
const maxBytes = 262_144;

/** A value that is not kept, and why. */
export class Unbounded {
  readonly why: Why;

  constructor(why: Why) {
    this.why = why;
  }
}

const tooDeep = new Unbounded('too_deep');
const tooLarge = new Unbounded('too_large');
const notFinite = new Unbounded('not_finite');

/** The value as it is kept of a user: whatever events hold, a user's state stays of a size that can be stored. */
export function bounded(value: unknown): unknown {
  if (typeof value === 'string') return value.length > maxCharacters ? cut(value) : value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : notFinite;
  if (typeof value !== 'object' || value === null) return value;
  if (isDeeper(value, maxDepth)) return tooDeep;
  const kept = Array.isArray(value) && value.length > maxItems && !value.some(isNested) ? newest(value) : value;
  return Buffer.byteLength(JSON.stringify(kept)) > maxBytes ? tooLarge : kept;
}

/** Whether a JSON value is nested deeper than so many levels. Looks no deeper. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (!isNested(value)) return false;
  if (levels === 0) return true;
  const items = Array.isArray(value) ? value : Object.values(value);
  return items.some((item) => isDeeper(item, levels - 1));
}

function isNested(value: unknown): value is object {
  return Array.isArray(value) || isRecord(value);
}

function newest(list: readonly unknown[]): readonly unknown[] {
  return list.slice(-maxItems);
}

function cut(text: string): string {
  // Half a character is none.
  return text.slice(0, maxCharacters).replace(/[\uD800-\uDBFF]$/, '');
}
