import type { Node, RegexNode } from '../ast.ts';
import type { Code } from './code.ts';
import type { Builtin } from '../builtins/table.ts';
import type { Pattern } from '../runtime/matcher.ts';
import type { Scope } from './scope.ts';
import { boolean, missing, nil, only, text, type Value } from './types.ts';

/** Where a node stands: everything that its code depends on besides the node itself. */
export interface Env {
  readonly code: Code;
  readonly scope: Scope;
  /** The context. */
  readonly input: Value;
  readonly program: Program;
  /** Writes the code of a node; the value is collapsed. The one way in which the families of nodes reach each other. */
  readonly emit: (node: Node, env: Env) => Value;
}

/** What holds for the whole expression. */
export interface Program {
  /** The names of built-ins that a binding may replace: they are looked up at run time. */
  readonly rebound: ReadonlySet<string>;
  /** The built-ins that were taken to be what they are. */
  readonly assumed: Set<string>;
  /** The built-in of a name. */
  readonly builtin: (name: string) => Builtin | undefined;
  /** What is known of a regular expression. */
  readonly pattern: (node: RegexNode) => Pattern;
  /** The input itself. */
  readonly root: Value;
}

/** The same place, with another context. */
export function within(env: Env, input: Value): Env {
  return { ...env, input };
}

/** A JavaScript expression for the truth of a value. */
export function truthOf({ js, types, constant }: Value, code: Code): string {
  if (constant !== undefined && typeof constant.value === 'boolean') return js;
  if (only(types, boolean)) return js;
  if (only(types, missing | nil | boolean)) return `${js} === true`;
  if (only(types, missing | text)) return `(${js} !== undefined && ${js} !== '')`;
  return code.call('truth', js);
}
