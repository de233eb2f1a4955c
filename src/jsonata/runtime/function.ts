/**
 * Function values. Each is a JavaScript function, which JSON cannot carry, so that no event can pass data off as a
 * function; what the evaluator needs to know of it hangs on it under a symbol.
 */
import type { Signature } from './signature.ts';

export type Callable = (...args: never[]) => unknown;

/** How a function is called. */
export type Kind =
  /** Made by `function(…){…}`. */
  | { readonly kind: 'lambda'; readonly arity: number; readonly signature?: Signature; readonly input: unknown }
  /** A built-in function. */
  | { readonly kind: 'native'; readonly arity: number; readonly signature: Signature }
  /** A function that was given as an argument: it is called without a context. */
  | { readonly kind: 'argument'; readonly arity: number; readonly inner: unknown }
  /** A call in tail position, not yet made. */
  | { readonly kind: 'tail call'; readonly target: unknown; readonly args: readonly unknown[] };

const kind = Symbol('kind');

type Described = Callable & { [kind]?: Kind };

/** Describes a function that was just made. */
export function describe<F extends Callable>(made: F, as: Kind): F {
  (made as Described)[kind] = as;
  return made;
}

/** The kind of a function value; undefined for a plain JavaScript function: a matcher, or one that the host bound. */
export function kindOf(value: unknown): Kind | undefined {
  return (value as Described)[kind];
}

export function lambda(body: Callable, arity: number, input: unknown, signature?: Signature): Callable {
  return describe(
    body,
    signature === undefined ? { kind: 'lambda', arity, input } : { kind: 'lambda', arity, input, signature },
  );
}

/** A call in tail position: made by the caller's loop, so that tail recursion needs no stack. */
export function tailCall(target: unknown, args: readonly unknown[]): Callable {
  return describe(() => undefined, { kind: 'tail call', target, args });
}

/** How many parameters a function declares; the higher-order functions pass no more than that. */
export function arityOf(value: Callable): number {
  const described = kindOf(value);
  return described === undefined || described.kind === 'tail call' ? value.length : described.arity;
}
