import type { LambdaNode, Node } from '../ast.ts';
import type { Builtin } from '../builtins/table.ts';
import type { Arguments } from './arguments.ts';
import { truthOf, type Env } from './env.ts';
import { emitBody, type TailCall } from './lambda.ts';
import { collecting, emitLoop } from './loop.ts';
import { anything, array, data, may, missing, number, only, undefinedValue, type Value } from './types.ts';

/** `$map` and `$filter` with a lambda written in place: a loop, and no function at all. */
export function emitLoopOver(builtin: Builtin, args: Arguments, tailCall: TailCall, env: Env): Value | undefined {
  const filters = builtin.name === 'filter';
  const lambda = args.node(1);
  if ((!filters && builtin.name !== 'map') || args.count !== 2 || !args.wrapped || !isInlinable(lambda))
    return undefined;
  const { code } = env;
  const values = args.value(0);
  const kept = code.variable('undefined');
  let types = missing | array;
  emitLoop(values, true, env, (item, index) => {
    // A lambda's parameters are variables of their own, which it may bind anew.
    const given: readonly (() => Value)[] = [
      () => ({ ...item, loose: !only(item.types, data) }),
      () => ({ js: index, types: number }),
      () => ({
        js: `${code.call('isArray', values.js)} ? ${values.js} : [${values.js}]`,
        types: anything,
        loose: true,
      }),
    ];
    const parameters = lambda.arguments.map((_, i): Value => {
      const value = given[i]?.() ?? undefinedValue;
      return { ...value, js: code.variable(value.js, 'p') };
    });
    const result = emitBody(lambda, parameters, env, tailCall);
    const test = filters ? truthOf(result, code) : may(result.types, missing) ? `${result.js} !== undefined` : 'true';
    types |= filters ? item.types : result.types;
    code.block(`if (${test})`, () => code.line(collecting(kept, filters ? item.js : result.js, env)));
  });
  return { js: kept, types, loose: true };
}

function isInlinable(node: Node | undefined): node is LambdaNode {
  return (
    node?.type === 'lambda' && node.signature === undefined && node.predicate === undefined && node.group === undefined
  );
}
