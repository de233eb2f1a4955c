import { fail } from './failure.ts';
import type { Signature } from './signature.ts';
import { arityOf, describe, kindOf, type Callable } from './function.ts';
import { charge, depthLimit, meter } from './meter.ts';
import { collapse } from './sequence.ts';

/** What a built-in is called by. */
export interface Builtin {
  readonly implementation: Callable;
  readonly signature: Signature;
}

/** Calls a built-in that was found when the expression was compiled; `input` is the context, for its signature. */
export function callBuiltin({ implementation, signature }: Builtin, args: readonly unknown[], input: unknown): unknown {
  charge(1);
  return (implementation as (...args: readonly unknown[]) => unknown)(...signature(args, input));
}

/** Calls a function, and then the tail calls that it answers with. */
export function apply(target: unknown, args: readonly unknown[], input: unknown): unknown {
  if (++meter.depth > depthLimit) fail('D1011');
  let result = applyOnce(target, args, input);
  for (let tail = tailOf(result); tail !== undefined; tail = tailOf(result)) {
    // The reference fails without a code when a tail call meets what cannot carry its bookkeeping.
    if (Object(tail.target) !== tail.target) fail(undefined, tail.target);
    result = applyOnce(tail.target, tail.args, input);
  }
  meter.depth--;
  return result;
}

function tailOf(result: unknown): { readonly target: unknown; readonly args: readonly unknown[] } | undefined {
  if (typeof result !== 'function') return undefined;
  const described = kindOf(result);
  return described?.kind === 'tail call' ? described : undefined;
}

function applyOnce(target: unknown, args: readonly unknown[], input: unknown): unknown {
  charge(4);
  if (target === null) return fail(undefined, target);
  if (typeof target !== 'function') return fail('T1006', target);
  const described = kindOf(target);
  if (described === undefined) return Reflect.apply(target, input, args);
  if (described.kind === 'argument') return apply(described.inner, args, null);
  if (described.kind === 'tail call') return fail('T1006', target);
  const completed = described.signature === undefined ? args : described.signature(args, input);
  return Reflect.apply(target, undefined, completed);
}

/** A function as it is passed to another one: called without a context. */
export function asArgument(value: unknown): unknown {
  if (typeof value !== 'function') return value;
  return describe((): unknown => undefined, { kind: 'argument', arity: arityOf(value as Callable), inner: value });
}

/** How a built-in calls a function that it was given. */
export function invoke(target: unknown, args: readonly unknown[]): unknown {
  if (typeof target !== 'function') return fail(undefined, target);
  const described = kindOf(target);
  if (described?.kind === 'lambda') return apply(target, args, described.input);
  // Built-ins reach another built-in unwrapped only from a tail call, and the reference fails there.
  if (described?.kind === 'native' || described?.kind === 'tail call') return fail(undefined, target);
  return apply(target, args, null);
}

/** Calls a function with as many of the arguments as it declares, and with the first in any case. */
export function invokeWith(target: unknown, value: unknown, second: unknown, third: unknown): unknown {
  const arity = arityOf(target as Callable);
  if (arity >= 3) return invoke(target, [value, second, third]);
  return invoke(target, arity === 2 ? [value, second] : [value]);
}

/** `function ~> function`: one function that applies both, the second in tail position. */
export function chain(first: unknown, second: unknown): Callable {
  return describe(
    (value: unknown) =>
      describe(() => undefined, {
        kind: 'tail call',
        target: second,
        args: [collapse(apply(first, [asArgument(collapse(value))], null))],
      }),
    { kind: 'lambda', arity: 1, input: null },
  );
}

/** Makes a call that stands in tail position, where nothing is left to return to. */
export function applyTail(target: unknown, args: readonly unknown[]): unknown {
  return Object(target) === target ? apply(target, args, null) : fail(undefined, target);
}

/** The right side of `~>` where it is not a call. */
export function applyTo(target: unknown, value: unknown): unknown {
  if (typeof target !== 'function') return fail('T2006', target);
  return typeof value === 'function' ? chain(value, target) : apply(target, [value], null);
}
