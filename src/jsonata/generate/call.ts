import type { ApplyNode, CallNode, Node } from '../ast.ts';
import type { Builtin } from '../builtins/table.ts';
import { begin } from '../runtime/meter.ts';
import type { Env } from './env.ts';
import { emitLoopOver } from './higher-order.ts';
import { emitScalar } from './inline.ts';
import { Arguments } from './arguments.ts';
import type { TailCall } from './lambda.ts';
import { anything, callable, constantValue, literal, undefinedValue, type Value } from './types.ts';
import { emitVariable } from './variable.ts';

/** `procedure(arguments)`; `applied` is what `~>` puts in front of the arguments. */
export function emitCall(node: CallNode, env: Env, applied?: Value): Value {
  const { code } = env;
  const builtin = builtinOf(node.procedure, env);
  const args = new Arguments(node.arguments, env, true, applied);
  if (builtin !== undefined)
    return emitInline(builtin, args, env.input.js, env) ?? emitBuiltin(builtin, args, env.input.js, env);
  const target = env.emit(node.procedure, env);
  suggestDollar(node.procedure, target, env);
  return code.value(code.call('apply', target.js, args.list(), env.input.js), anything, true);
}

/** `value ~> function` */
export function emitApply(node: ApplyNode, env: Env): Value {
  const { code } = env;
  const { lhs, rhs } = node;
  // A constructor cannot be a function, so that it may as well be written as the first argument.
  if (lhs.type === 'unary' && rhs.type === 'function' && builtinOf(rhs.procedure, env) !== undefined)
    return emitCall({ ...rhs, arguments: [lhs, ...rhs.arguments] }, env);
  const value = env.emit(node.lhs, env);
  if (node.rhs.type === 'function') return emitCall(node.rhs, env, value);
  const target = env.emit(node.rhs, env);
  return code.value(code.call('applyTo', target.js, value.js), anything, true);
}

/** A call in tail position of a lambda that is written in place: there is no context, and no collapse. */
const immediateCall: TailCall = (body, env) => {
  if (body.type !== 'function') return env.emit(body, env);
  const { code } = env;
  const builtin = builtinOf(body.procedure, env);
  const args = new Arguments(body.arguments, env, false);
  if (builtin !== undefined) return emitScalar(builtin, args, 'null', env) ?? emitBuiltin(builtin, args, 'null', env);
  const target = env.emit(body.procedure, env);
  return code.value(code.call('applyTail', target.js, args.list()), anything);
};

/** A call of a built-in for which there is better code than a call. */
function emitInline(builtin: Builtin, args: Arguments, context: string, env: Env): Value | undefined {
  return emitScalar(builtin, args, context, env) ?? emitLoopOver(builtin, args, immediateCall, env);
}

/** A call in tail position of a function value: left to the caller of the function. */
export const deferredCall: TailCall = (body, env) => {
  if (body.type !== 'function') return env.emit(body, env);
  const { code } = env;
  const target = env.emit(body.procedure, env);
  const args = new Arguments(body.arguments, env, false);
  return code.value(code.call('tailCall', target.js, args.list()), callable);
};

/** The built-in that a procedure is, when nothing in the expression can mean another function by that name. */
function builtinOf(procedure: Node, { scope, program }: Env): Builtin | undefined {
  if (procedure.type !== 'variable' || procedure.predicate !== undefined || procedure.group !== undefined)
    return undefined;
  const name = procedure.value;
  const builtin = program.builtin(name);
  if (builtin === undefined || program.rebound.has(name) || scope.resolve(name).length > 0) return undefined;
  program.assumed.add(name);
  return builtin;
}

function emitBuiltin(builtin: Builtin, args: Arguments, context: string, { code }: Env): Value {
  const all = args.all();
  return (
    fold(builtin, all) ??
    code.value(code.call('callBuiltin', code.constant(builtin), args.list(), context), anything, true)
  );
}

/** Makes the call now, when it only depends on constants and gives one. */
function fold(builtin: Builtin, args: readonly Value[]): Value | undefined {
  const constants = args.map((arg) => arg.constant);
  if (
    !builtin.isPure(constants.length) ||
    constants.length === 0 ||
    !constants.every((constant) => constant !== undefined)
  )
    return undefined;
  try {
    begin();
    const context = (): undefined => undefined;
    const completed = builtin.signature(
      constants.map((constant) => constant.value),
      context,
    );
    if (completed.includes(context)) return undefined;
    const result = (builtin.implementation as (...all: readonly unknown[]) => unknown)(...completed);
    if (result === undefined) return undefinedValue;
    return typeof result === 'string' || typeof result === 'number' || typeof result === 'boolean'
      ? constantValue(result)
      : undefined;
  } catch {
    // It fails on each event, with the code that it has at run time.
    return undefined;
  }
}

/** A name that is called although it is a path: the reference tells when the `$` of a known function is missing. */
function suggestDollar(procedure: Node, target: Value, env: Env): void {
  const { code } = env;
  const name = procedure.type === 'path' ? procedure.steps[0] : undefined;
  if (name?.type !== 'name') return;
  const meant = emitVariable(name.value, env);
  code.line(`if (${target.js} === undefined && ${meant.js}) ${code.call('fail', literal('T1005'))};`);
}
