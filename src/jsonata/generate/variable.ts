import type { BindNode } from '../ast.ts';
import type { Env } from './env.ts';
import { anything, array, literal, may, type Value } from './types.ts';

/** `$name := value` */
export function emitBind(node: BindNode, env: Env): Value {
  const value = env.emit(node.rhs, env);
  const binding = env.scope.target(node.lhs.value);
  if (binding !== undefined) env.code.line(`${binding.js} = ${value.js};`);
  return value;
}

/** The value of a variable, looked for from the inside out. */
export function emitVariable(name: string, env: Env): Value {
  const { code, scope, program, input } = env;
  if (name === '') {
    if (!may(input.types, array)) return input;
    return code.value(code.call('contextOf', input.js), input.types);
  }
  const bindings = scope.resolve(name);
  const known = bindings.at(-1);
  if (known?.definite === true && known.stable && bindings.length === 1)
    return { js: known.js, types: known.types, loose: known.loose };
  const outermost = known?.definite === true ? known.js : outside(name, env);
  const js = bindings
    .filter((binding) => !binding.definite)
    .reduceRight((rest, binding) => `${binding.js} !== ${code.runtime('unset')} ? ${binding.js} : ${rest}`, outermost);
  if (bindings.length === 0 && name === '$') return program.root;
  return code.value(
    js,
    anything,
    bindings.some((binding) => binding.loose),
  );
}

/** A name that the expression does not bind: the root, what the caller bound, a built-in. */
function outside(name: string, { code, program }: Env): string {
  if (name === '$') return program.root.js;
  const builtin = program.builtin(name);
  const bound = code.call('own', 'bindings', literal(name));
  if (builtin === undefined) return bound;
  const itself = code.constant(builtin.implementation);
  if (!program.rebound.has(name)) {
    program.assumed.add(name);
    return itself;
  }
  return `bindings !== undefined && Object.hasOwn(bindings, ${literal(name)}) ? ${bound} : ${itself}`;
}
