import type { Node } from '../ast.ts';
import type { Builtin } from '../builtins/table.ts';
import type { Arguments } from './arguments.ts';
import { truthOf, type Env } from './env.ts';
import { anything, array, boolean, literal, may, missing, number, only, text, type Value } from './types.ts';

/** What a handler has at hand. `general` is a call of the built-in, for the arguments that the fast code does not take. */
interface Call {
  readonly args: Arguments;
  readonly env: Env;
  readonly general: (list?: string) => string;
}

/** Writes a call of a built-in in place; undefined where there is no better code than a call. */
export function emitScalar(builtin: Builtin, args: Arguments, context: string, env: Env): Value | undefined {
  const handler = handlers[`${builtin.name}/${args.count}`];
  const { code } = env;
  const general = (list = args.list()): string => code.call('callBuiltin', code.constant(builtin), list, context);
  return handler?.({ args, env, general });
}

/** By name and number of arguments. */
const handlers: Readonly<Record<string, (call: Call) => Value | undefined>> = {
  'exists/1': emitExists,
  'count/1': emitCount,
  'boolean/1': ({ args, env: { code } }) => {
    const value = args.value(0);
    return code.value(unlessMissing(value, truthOf(value, code)), boolean | (value.types & missing));
  },
  'not/1': ({ args, env: { code } }) => {
    const value = args.value(0);
    return code.value(unlessMissing(value, `!(${truthOf(value, code)})`), boolean | (value.types & missing));
  },
  'contains/2': emitContains,
  'match/2': emitMatch,
  'length/1': (call) => ofText(call, number, (value, { code }) => code.call('codePoints', value)),
  'lowercase/1': (call) => ofText(call, text, (value) => `${value}.toLowerCase()`),
  'uppercase/1': (call) => ofText(call, text, (value) => `${value}.toUpperCase()`),
  'string/1': ({ args, env: { code } }) => {
    const { js, types, constant } = args.value(0);
    if (constant !== undefined) return undefined;
    return code.value(
      `typeof ${js} === 'string' || ${js} === undefined ? ${js} : ${code.call('text', js)}`,
      text | (types & missing),
    );
  },
  'number/1': ({ args, env: { code }, general }) => {
    const { js, constant } = args.value(0);
    if (constant !== undefined) return undefined;
    return code.value(`typeof ${js} === 'number' ? ${js} : ${general()}`, number | missing);
  },
  'sum/1': ({ args, env: { code }, general }) => {
    const { js } = args.value(0);
    const total = code.value(code.call('sumOf', js), number);
    return code.value(`${total.js} !== null ? ${total.js} : ${general()}`, number | missing);
  },
  'lookup/2': ({ args, env: { code } }) => {
    const key = args.value(1).constant?.value;
    if (typeof key !== 'string') return undefined;
    return code.value(code.call('lookup', args.value(0).js, literal(key)), anything, true);
  },
};

function unlessMissing({ js, types }: Value, then: string): string {
  return may(types, missing) ? `${js} === undefined ? undefined : ${then}` : then;
}

function emitExists({ args, env }: Call): Value {
  const { code, input } = env;
  const name = nameBelow(args.node(0));
  if (name !== undefined) return code.value(code.call('existsBelow', input.js, literal(name)), boolean);
  const { js, types } = args.value(0);
  return may(types, missing)
    ? code.value(`${js} !== undefined`, boolean)
    : { js: 'true', types: boolean, constant: { value: true } };
}

/** The name in `**.name`, when that is all of a path. */
function nameBelow(node: Node | undefined): string | undefined {
  if (node?.type !== 'path' || node.steps.length !== 2 || node.group !== undefined || node.keepSingletonArray === true)
    return undefined;
  const [descendants, name] = node.steps;
  if (descendants?.type !== 'descendant' || descendants.stages !== undefined || descendants.predicate !== undefined)
    return undefined;
  return name?.type === 'name' && name.stages === undefined ? name.value : undefined;
}

/** The size of a range is known without making it. */
function emitCount({ args, env }: Call): Value | undefined {
  const { code } = env;
  const list = args.node(0);
  const range =
    list?.type === 'unary' && list.value === '[' && list.predicate === undefined ? list.expressions[0] : undefined;
  if (list?.type === 'unary' && list.value === '[' && list.group === undefined && list.expressions.length === 1)
    if (
      range?.type === 'binary' &&
      range.value === '..' &&
      range.predicate === undefined &&
      range.group === undefined
    ) {
      const [from, to] = [env.emit(range.lhs, env), env.emit(range.rhs, env)];
      return code.value(`${code.call('rangeSize', from.js, to.js)} ?? 0`, number);
    }
  const { js, types, constant } = args.value(0);
  if (constant !== undefined) return undefined;
  if (only(types, array)) return code.value(`${js}.length`, number);
  return code.value(`${js} === undefined ? 0 : ${code.call('isArray', js)} ? ${js}.length : 1`, number);
}

/** A function of one text. */
function ofText(
  { args, env, general }: Call,
  result: number,
  fast: (value: string, env: Env) => string,
): Value | undefined {
  const { code } = env;
  const value = args.value(0);
  if (value.constant !== undefined || !may(value.types, text)) return undefined;
  const paid = `(${code.call('charge', `${value.js}.length >> 5`)}, ${fast(value.js, env)})`;
  if (only(value.types, text)) return code.value(paid, result);
  const rest = `${value.js} === undefined ? undefined : ${general()}`;
  return code.value(`typeof ${value.js} === 'string' ? ${paid} : ${rest}`, result | missing);
}

function emitContains({ args, env, general }: Call): Value | undefined {
  const { code, program } = env;
  const [value, pattern] = [args.value(0), args.node(1)];
  if (pattern?.type === 'regex' && pattern.predicate === undefined && pattern.group === undefined) {
    const regex = code.constant(program.pattern(pattern));
    const rest = `${value.js} === undefined ? undefined : ${general(`[${value.js}, ${code.call('matcher', regex)}]`)}`;
    return code.value(
      `typeof ${value.js} === 'string' ? ${code.call('matches', regex, value.js)} : ${rest}`,
      boolean | missing,
    );
  }
  const token = args.value(1);
  if (token.constant !== undefined && value.constant !== undefined) return undefined;
  if (!may(token.types, text) || !may(value.types, text)) return undefined;
  const texts = [value, token]
    .filter((side) => !only(side.types, text))
    .map((side) => `typeof ${side.js} === 'string'`);
  const fast = `(${code.call('charge', `${value.js}.length >> 5`)}, ${value.js}.includes(${token.js}))`;
  return code.value(texts.length === 0 ? fast : `${texts.join(' && ')} ? ${fast} : ${general()}`, boolean | missing);
}

function emitMatch({ args, env, general }: Call): Value | undefined {
  const { code, program } = env;
  const pattern = args.node(1);
  if (pattern?.type !== 'regex' || pattern.predicate !== undefined || pattern.group !== undefined) return undefined;
  const value = args.value(0);
  const regex = code.constant(program.pattern(pattern));
  const rest = `${value.js} === undefined ? undefined : ${general(`[${value.js}, ${code.call('matcher', regex)}]`)}`;
  return code.value(
    `typeof ${value.js} === 'string' ? ${code.call('allMatches', regex, value.js)} : ${rest}`,
    array | missing,
    true,
  );
}
