import { fail } from './failure.ts';
import { charge } from './meter.ts';
import { sequence, type Sequence } from './sequence.ts';
import { isNumeric } from './truth.ts';

/** Both operands as numbers, or undefined when one is missing. The operators are inlined; this is where they fail. */
function operands(left: unknown, right: unknown): boolean {
  if (left !== undefined && !isNumeric(left)) return fail('T2001', left);
  if (right !== undefined && !isNumeric(right)) return fail('T2002', right);
  return left !== undefined && right !== undefined;
}

export function add(left: unknown, right: unknown): number | undefined {
  return operands(left, right) ? (left as number) + (right as number) : undefined;
}

export function subtract(left: unknown, right: unknown): number | undefined {
  return operands(left, right) ? (left as number) - (right as number) : undefined;
}

export function multiply(left: unknown, right: unknown): number | undefined {
  return operands(left, right) ? (left as number) * (right as number) : undefined;
}

export function divide(left: unknown, right: unknown): number | undefined {
  return operands(left, right) ? (left as number) / (right as number) : undefined;
}

export function remainder(left: unknown, right: unknown): number | undefined {
  return operands(left, right) ? (left as number) % (right as number) : undefined;
}

export function negate(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  return isNumeric(value) ? -value : fail('D1002', value);
}

/** Ranges above this many entries are refused: the reference's limit. */
const rangeLimit = 1e7;

/** How many entries `left..right` has; undefined when a side is missing or the range is empty. */
export function rangeSize(left: unknown, right: unknown): number | undefined {
  if (left !== undefined && !Number.isInteger(left)) fail('T2003', left);
  if (right !== undefined && !Number.isInteger(right)) fail('T2004', right);
  if (left === undefined || right === undefined) return undefined;
  const size = (right as number) - (left as number) + 1;
  if (size < 1) return undefined;
  return size > rangeLimit ? fail('D2014', size) : size;
}

/** `left..right` */
export function range(left: unknown, right: unknown): Sequence | undefined {
  const size = rangeSize(left, right);
  if (size === undefined) return undefined;
  charge(size);
  const made = sequence();
  for (let i = 0; i < size; i++) made.push((left as number) + i);
  return made;
}
