import type { Group, Node } from '../ast.ts';
import { within, type Env } from './env.ts';
import { anything, literal, may, array, missing, object, type Value } from './types.ts';

/** Object constructors and grouping: https://docs.jsonata.org/sorting-grouping, /construction#object-constructors. */
export function emitGroup(group: Group, input: Value, env: Env): Value {
  const keys = constantKeys(group);
  return keys === undefined ? emitGrouping(group, input, env) : emitObject(group, keys, input, env);
}

/** With constant keys all items make one group, and the object can be built in place. */
function emitObject(group: Group, keys: readonly string[], input: Value, env: Env): Value {
  const { code } = env;
  const context = may(input.types, array) ? code.value(code.call('groupAll', input.js), anything) : input;
  const result = code.value(code.call('emptyObject'), object);
  for (const key of inKeyOrder(keys)) {
    const [, node] = group.lhs[keys.indexOf(key)] ?? [];
    if (node === undefined) continue;
    const value = env.emit(node, within(env, context));
    const guard = may(value.types, missing) ? `if (${value.js} !== undefined) ` : '';
    code.line(`${guard}${result.js}[${literal(key)}] = ${value.js};`);
  }
  return result;
}

function emitGrouping(group: Group, input: Value, env: Env): Value {
  const { code } = env;
  const pairs = group.lhs.map(([key, value]) => `[${emitCallback(key, env)}, ${emitCallback(value, env)}]`);
  return code.value(code.call('group', input.js, `[${pairs.join(', ')}]`), object);
}

/** The keys, when all are different texts known at load. */
function constantKeys({ lhs }: Group): readonly string[] | undefined {
  const keys = lhs.map(([key]) => constantKey(key));
  if (!keys.every((key) => key !== undefined) || new Set(keys).size !== keys.length) return undefined;
  return keys.some((key) => key.startsWith('_jsonata_')) ? undefined : keys;
}

function constantKey(node: Node): string | undefined {
  if (node.type !== 'string' || node.predicate !== undefined || node.group !== undefined) return undefined;
  return typeof node.value === 'string' ? node.value : undefined;
}

function inKeyOrder(keys: readonly string[]): readonly string[] {
  return Object.keys(Object.fromEntries(keys.map((key) => [key, true])));
}

/** A function of a context, for the runtime to call. */
export function emitCallback(node: Node, env: Env): string {
  const { code } = env;
  const [name, parameter] = [code.fresh('f'), code.fresh('p')];
  code.block(
    `const ${name} = (${parameter}) =>`,
    () => code.line(`return ${env.emit(node, within(env, { js: parameter, types: anything })).js};`),
    ';',
  );
  return name;
}
