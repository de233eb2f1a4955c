import type { Node } from '../ast.ts';
import { emitApply, emitCall, deferredCall } from './call.ts';
import { emitArray } from './constructors.ts';
import { emitConditional } from './condition.ts';
import type { Env } from './env.ts';
import { emitField } from './fields.ts';
import { emitGroup } from './group.ts';
import { emitLambda, emitStatements } from './lambda.ts';
import { emitBinary, emitNegate } from './operators.ts';
import { emitPath, emitPredicates } from './path.ts';
import { anything, array, callable, constantValue, data, literal, may, missing, only, type Value } from './types.ts';
import { emitBind, emitVariable } from './variable.ts';

/** Writes the code of a node. Its value is collapsed, as every node's is. */
export function emit(node: Node, env: Env): Value {
  const { code } = env;
  let value = emitCore(node, env);
  if (node.predicate !== undefined) value = emitPredicates(node.predicate, value, env);
  if (node.type !== 'path' && node.group !== undefined) value = emitGroup(node.group, value, env);
  if (value.loose !== true || !may(value.types, array)) return value;
  const kept = node.keepArray === true && node.type !== 'path';
  // What was in it may be another sequence, of functions that were called in tail position: the next node collapses that.
  const loose = !only(value.types, data);
  return code.value(code.call(kept ? 'collapseKept' : 'collapse', value.js), value.types | missing, loose);
}

function emitCore(node: Node, env: Env): Value {
  const { code, input } = env;
  switch (node.type) {
    case 'path':
      return emitPath(node, env);
    case 'binary':
      return emitBinary(node, env);
    case 'unary':
      if (node.value === '-') return emitNegate(node, env);
      return node.value === '[' ? emitArray(node, env) : emitGroup(node, input, env);
    case 'name':
      if (node.keepArray === true)
        return code.value(code.call('lookup', input.js, literal(node.value)), anything, true);
      return emitField(node.value, env);
    case 'string':
    case 'number':
    case 'value':
      return constantValue(node.value);
    case 'wildcard':
      return code.value(code.call('wildcard', input.js), anything, true);
    case 'descendant':
      return code.value(code.call('descendants', input.js), data | callable, true);
    case 'condition':
      return emitConditional(node, env);
    case 'block':
      return emitStatements(node.expressions, env, (last, inner) => inner.emit(last, inner));
    case 'bind':
      return emitBind(node, env);
    case 'regex':
      return code.value(code.call('matcher', code.constant(env.program.pattern(node))), callable);
    case 'function':
      return emitCall(node, env);
    case 'variable':
      return emitVariable(node.value, env);
    case 'lambda':
      return emitLambda(node, env, deferredCall);
    case 'apply':
      return emitApply(node, env);
    case 'sort':
    case 'parent':
    case 'transform':
    case 'partial':
    case 'operator':
    case 'error':
      break;
  }
  throw new Error(`cannot compile a node of the type ${node.type}`);
}
