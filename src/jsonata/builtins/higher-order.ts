import { invoke, invokeWith } from '../runtime/call.ts';
import { fail } from '../runtime/failure.ts';
import { arityOf, type Callable } from '../runtime/function.ts';
import { emptyObject } from '../runtime/group.ts';
import { charge } from '../runtime/meter.ts';
import { sequence, type Sequence } from '../runtime/sequence.ts';
import { truth } from '../runtime/truth.ts';
import { keysIn } from './object.ts';

/** The functions that take a function: https://docs.jsonata.org/higher-order-functions. */

export function map(values: readonly unknown[] | undefined, callback: unknown): Sequence | undefined {
  if (values === undefined) return undefined;
  const result = sequence();
  for (let i = 0; i < values.length; i++) {
    const value = invokeWith(callback, values[i], i, values);
    if (value !== undefined) result.push(value);
  }
  return result;
}

export function filter(values: readonly unknown[] | undefined, predicate: unknown): Sequence | undefined {
  if (values === undefined) return undefined;
  const result = sequence();
  for (let i = 0; i < values.length; i++)
    if (truth(invokeWith(predicate, values[i], i, values))) result.push(values[i]);
  return result;
}

/** The one value that satisfies the predicate; fails when it is not exactly one. */
export function single(values: readonly unknown[] | undefined, predicate?: unknown): unknown {
  if (values === undefined) return undefined;
  let found = false;
  let result: unknown;
  for (let i = 0; i < values.length; i++) {
    charge(1);
    if (predicate !== undefined && !truth(invokeWith(predicate, values[i], i, values))) continue;
    if (found) fail('D3138', values[i]);
    found = true;
    result = values[i];
  }
  return found ? result : fail('D3139');
}

export function reduce(values: readonly unknown[] | undefined, callback: unknown, initial?: unknown): unknown {
  if (values === undefined) return undefined;
  const arity = arityOf(callback as Callable);
  if (arity < 2) fail('D3050', callback);
  const startsWithFirst = initial === undefined && values.length > 0;
  let result = startsWithFirst ? values[0] : initial;
  for (let i = startsWithFirst ? 1 : 0; i < values.length; i++) {
    const args = [result, values[i], i, values];
    result = invoke(callback, args.slice(0, Math.min(arity, 4)));
  }
  return result;
}

/** The properties of an object that satisfy the predicate; missing when there is none. */
export function sift(value: unknown, predicate: unknown): Record<string, unknown> | undefined {
  const result = emptyObject();
  let any = false;
  for (const key of keysIn(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (!truth(invokeWith(predicate, item, key, value))) continue;
    result[key] = item;
    any = true;
  }
  return any ? result : undefined;
}

export function each(value: unknown, callback: unknown): Sequence {
  const result = sequence();
  for (const key of keysIn(value)) {
    const item = invokeWith(callback, (value as Record<string, unknown>)[key], key, value);
    if (item !== undefined) result.push(item);
  }
  return result;
}
