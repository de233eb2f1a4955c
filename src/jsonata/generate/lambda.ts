import type { LambdaNode, Node } from '../ast.ts';
import { parseSignature } from '../runtime/signature.ts';
import { truthOf, type Env } from './env.ts';
import { Scope } from './scope.ts';
import { anything, array, callable, may, undefinedValue, type Value } from './types.ts';

/** How a call in tail position is written: as something to be called by the caller, or called in place. */
export type TailCall = (body: Node, env: Env) => Value;

/** `function($a, $b){ … }`: https://docs.jsonata.org/programming#defining-a-function */
export function emitLambda(node: LambdaNode, env: Env, tailCall: TailCall): Value {
  const { code } = env;
  const name = code.fresh('f');
  const parameters = node.arguments.map((): Value => ({ js: code.fresh('p'), types: anything, loose: true }));
  code.block(
    `const ${name} = ${code.runtime('lambda')}((${parameters.map(({ js }) => js).join(', ')}) =>`,
    () => code.line(`return ${emitBody(node, parameters, env, tailCall).js};`),
    `, ${[node.arguments.length, env.input.js, ...signatureOf(node, env)].join(', ')});`,
  );
  return { js: name, types: callable };
}

function signatureOf({ signature }: LambdaNode, { code }: Env): readonly string[] {
  return signature === undefined ? [] : [code.constant(parseSignature(signature.definition))];
}

/** The body of a lambda whose parameters are these variables; its context is that of its definition. */
export function emitBody(node: LambdaNode, parameters: readonly Value[], env: Env, tailCall: TailCall): Value {
  const scope = new Scope(env.scope);
  scope.declare([node.body], env.code);
  node.arguments.forEach(({ value }, i) => scope.parameter(value, parameters[i] ?? undefinedValue));
  return emitTail(node.body, { ...env, scope }, tailCall);
}

/** A node in tail position: what a call there gives is not collapsed, as everything else is. */
function emitTail(node: Node, env: Env, tailCall: TailCall): Value {
  const { code } = env;
  if (node.type === 'lambda' && node.thunk === true) return tailCall(node.body, env);
  if (node.type === 'condition') {
    return emitBranches(truthOf(env.emit(node.condition, env), code), node.then, node.else, env, (branch) =>
      emitEnd(branch, env, tailCall),
    );
  }
  if (node.type === 'block' && endsInCall(node)) {
    return emitStatements(node.expressions, env, (last, inner) => emitEnd(last, inner, tailCall));
  }
  return env.emit(node, env);
}

/** The end of a branch or a block, which collapses once more what is not a call in tail position. */
function emitEnd(node: Node, env: Env, tailCall: TailCall): Value {
  const value = emitTail(node, env, tailCall);
  if (endsInCall(node) || value.loose !== true || !may(value.types, array)) return value;
  return env.code.value(env.code.call('collapse', value.js), value.types);
}

/** Whether the value of a node in tail position can be a call that is yet to be made. */
export function endsInCall(node: Node): boolean {
  if (node.type === 'lambda') return node.thunk === true;
  if (node.type === 'condition') return endsInCall(node.then) || (node.else !== undefined && endsInCall(node.else));
  const last = node.type === 'block' ? node.expressions.at(-1) : undefined;
  return last !== undefined && endsInCall(last);
}

/** One of two nodes, by the truth of a JavaScript expression. */
export function emitBranches(
  test: string,
  then: Node,
  otherwise: Node | undefined,
  { code }: Env,
  emit: (branch: Node) => Value,
): Value {
  const result = code.variable();
  let types = 0;
  let loose = false;
  const assign = (branch: Node) => (): void => {
    const value = emit(branch);
    types |= value.types;
    loose ||= value.loose === true;
    code.line(`${result} = ${value.js};`);
  };
  code.block(`if (${test})`, assign(then));
  if (otherwise === undefined) types |= undefinedValue.types;
  else code.block('else', assign(otherwise));
  return { js: result, types, loose };
}

/** The expressions of a block, in a frame of their own; `last` writes the one that gives the value. */
export function emitStatements(expressions: readonly Node[], env: Env, last: (node: Node, inner: Env) => Value): Value {
  const scope = new Scope(env.scope);
  scope.declare(expressions, env.code);
  const inner: Env = { ...env, scope };
  let value = undefinedValue;
  expressions.forEach((node, i) => {
    value = i === expressions.length - 1 ? last(node, inner) : env.emit(node, inner);
    // From the next expression on it is bound for certain.
    const binding = node.type === 'bind' ? scope.target(node.lhs.value) : undefined;
    if (binding !== undefined) binding.definite = true;
  });
  return value;
}
