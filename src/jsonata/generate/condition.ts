import type { ConditionNode } from '../ast.ts';
import { truthOf, type Env } from './env.ts';
import { emitBranches } from './lambda.ts';
import type { Value } from './types.ts';

/** `test ? then : else`, and `??` and `?:`, which the parser writes as one: https://docs.jsonata.org/other-operators */
export function emitConditional(node: ConditionNode, env: Env): Value {
  const { code } = env;
  return emitBranches(truthOf(env.emit(node.condition, env), code), node.then, node.else, env, (branch) =>
    env.emit(branch, env),
  );
}
