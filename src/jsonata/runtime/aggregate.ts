import { charge } from './meter.ts';

/** The sum of a number or of an array of numbers; null for anything else, which is left to the built-in. */
export function sumOf(value: unknown): number | null {
  if (typeof value === 'number') return 0 + value;
  if (!Array.isArray(value)) return null;
  charge(value.length / 8);
  let total = 0;
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i];
    if (typeof item !== 'number') return null;
    total += item;
  }
  return total;
}
