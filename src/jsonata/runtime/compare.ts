import { fail } from './failure.ts';

/** Checks two operands of an order operator; true when both are numbers or both texts, false when a side is missing. */
function comparable(left: unknown, right: unknown): boolean {
  const leftType = typeof left;
  const rightType = typeof right;
  const leftOrders = leftType === 'string' || leftType === 'number';
  const rightOrders = rightType === 'string' || rightType === 'number';
  // Before "a side is missing": `missing > null` fails.
  if ((!leftOrders && left !== undefined) || (!rightOrders && right !== undefined))
    fail('T2010', leftOrders ? right : left);
  if (left === undefined || right === undefined) return false;
  return leftType === rightType || fail('T2009', left);
}

export function less(left: unknown, right: unknown): boolean | undefined {
  return comparable(left, right) ? (left as number) < (right as number) : undefined;
}

export function lessOrEqual(left: unknown, right: unknown): boolean | undefined {
  return comparable(left, right) ? (left as number) <= (right as number) : undefined;
}

export function greater(left: unknown, right: unknown): boolean | undefined {
  return comparable(left, right) ? (left as number) > (right as number) : undefined;
}

export function greaterOrEqual(left: unknown, right: unknown): boolean | undefined {
  return comparable(left, right) ? (left as number) >= (right as number) : undefined;
}
