import { charge } from './meter.ts';

/** Whether `=` holds between two values that are not missing: deep, and whatever the order of the keys. */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) && Array.isArray(right)) return equalArrays(left, right);
  return equalObjects(left as Record<string, unknown>, right as Record<string, unknown>);
}

/** `=` */
export function equal(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && deepEqual(left, right);
}

/** `!=`, which is false too when a side is missing. */
export function notEqual(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && !deepEqual(left, right);
}

/** `in`: identity of primitives, never deep. */
export function includes(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  if (!Array.isArray(right)) return left === right;
  charge(right.length / 2);
  for (let i = 0; i < right.length; i++) if (right[i] === left) return true;
  return false;
}

function equalArrays(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  charge(left.length);
  for (let i = 0; i < left.length; i++) if (!deepEqual(left[i], right[i])) return false;
  return true;
}

/** Own property names are compared, so that an array equals an object with its indices and `length`, as in the reference. */
function equalObjects(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const names = Object.getOwnPropertyNames(left);
  if (names.length !== Object.getOwnPropertyNames(right).length) return false;
  charge(8 + 4 * names.length);
  for (const name of names) if (!Object.hasOwn(right, name)) return false;
  // In sorted order as in the reference: comparing may fail on a limit, and which comes first is then visible.
  return names.sort().every((name) => deepEqual(left[name], right[name]));
}
