import { charge } from './meter.ts';
import { isNumeric, truth } from './truth.ts';

/**
 * How often a member is selected by the value of the predicate on it: an index or several of them select by position,
 * anything else by its truth. https://docs.jsonata.org/predicate
 */
export function selections(value: unknown, index: number, length: number): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isNumeric(value)) return selects(value, index, length) ? 1 : 0;
  if (!Array.isArray(value)) return truth(value) ? 1 : 0;
  charge(value.length);
  let numbers = 0;
  let times = 0;
  for (let i = 0; i < value.length; i++) {
    if (!isNumeric(value[i])) continue;
    numbers++;
    if (selects(value[i] as number, index, length)) times++;
  }
  if (numbers === value.length) return times;
  return truth(value) ? 1 : 0;
}

function selects(position: number, index: number, length: number): boolean {
  const floor = Math.floor(position);
  return (floor < 0 ? length + floor : floor) === index;
}
