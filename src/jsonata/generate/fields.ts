import type { Node } from '../ast.ts';
import { literalIndex } from '../literal-index.ts';
import type { Field } from '../runtime/path.ts';
import type { Env } from './env.ts';
import { anything, array, callable, data, literal, may, object, only, type Value } from './types.ts';

/**
 * Chains of names, which is what most expressions are: loads of properties in place, without a look at whether each
 * value is an array. An array has none of these properties, so that only when nothing was found do we look whether
 * that is because of an array, and then start again in the general way.
 */

/** Takes the steps from `from` on that are names, with no more behind them than one literal index. */
export function chainFrom(steps: readonly Node[], from: number): readonly Field[] {
  const chain: Field[] = [];
  for (const step of steps.slice(from)) {
    const field = fieldOf(step);
    if (field === undefined) break;
    chain.push(field);
  }
  return chain;
}

function fieldOf(step: Node): Field | undefined {
  if (step.type !== 'name' || step.predicate !== undefined || step.group !== undefined) return undefined;
  const kept = step.keepArray === true ? { keepArray: true } : {};
  if (step.stages === undefined) return { name: step.value, ...kept };
  const index =
    step.stages.length === 1 && step.stages[0] !== undefined ? literalIndex(step.stages[0].expr) : undefined;
  return index === undefined ? undefined : { name: step.value, index, ...kept };
}

/**
 * Writes a chain over `contexts`. What comes out is what it found for one context; else a sequence, which is collapsed
 * only where the chain is all of a path.
 */
export function emitChain(contexts: Value, chain: readonly Field[], last: boolean, whole: boolean, env: Env): Value {
  const { code } = env;
  const general = code.call('fields', contexts.js, code.constant(chain), String(last));
  const types = only(contexts.types, data) ? data : anything;
  if (only(contexts.types, array)) return code.value(whole ? code.call('collapse', general) : general, types);
  const suspects = may(contexts.types, array) ? [contexts.js] : [];
  let value = contexts;
  chain.forEach(({ name, index }, step) => {
    const end = step === chain.length - 1;
    let loaded = load(value, name, env);
    if (index !== undefined) loaded = element(code.value(loaded, types).js, index, env);
    const js = end ? code.variable(loaded, 'v') : code.value(loaded, types).js;
    if (!end) suspects.push(js);
    value = { js, types };
  });
  if (suspects.length > 0) {
    const arrays = suspects.map((suspect) => code.call('isArray', suspect));
    const test = arrays.length === 1 ? arrays[0] : `(${arrays.join(' || ')})`;
    code.line(
      `if (${value.js} === undefined && ${test}) ${value.js} = ${whole ? code.call('collapse', general) : general};`,
    );
  }
  return value;
}

/** A name as a step by itself, whose value is looked at before the path goes on. */
export function emitField(name: string, env: Env): Value {
  const { code, input } = env;
  const found = code.variable(load(input, name, env), 'v');
  if (may(input.types, array))
    code.line(
      `if (${found} === undefined && ${code.call('isArray', input.js)}) ${found} = ${code.call('field', input.js, literal(name))};`,
    );
  return { js: found, types: only(input.types, data) ? data : anything };
}

function load(value: Value, name: string, { code }: Env): string {
  if (!isPlain(name) || (may(value.types, callable) && inFunctions.has(name)))
    return code.call('own', value.js, literal(name));
  const optional = may(value.types, ~object) ? '?.' : '';
  return /^[A-Za-z_$][\w$]*$/.test(name)
    ? `${value.js}${optional || '.'}${name}`
    : `${value.js}${optional}[${literal(name)}]`;
}

function element(value: string, index: number, { code }: Env): string {
  const single = index === 0 || index === -1 ? value : 'undefined';
  const position = index < 0 ? `${value}.length - ${-index}` : String(index);
  return `${code.call('isArray', value)} ? ${value}[${position}] : ${single}`;
}

/** Whether no value but an object that holds it can have a property of this name. */
function isPlain(name: string): boolean {
  return !inherited.has(name) && !/^\d+$/.test(name);
}

const inFunctions: ReadonlySet<string> = new Set(namesOf(Function.prototype, ['prototype', 'arguments', 'caller']));

/** What objects, arrays and primitives inherit, and what sequences are marked with. */
const inherited: ReadonlySet<string> = new Set(
  [Object.prototype, Array.prototype, String.prototype, Number.prototype, Boolean.prototype].flatMap((prototype) =>
    namesOf(prototype, ['sequence', 'keepSingleton', 'outerWrapper', 'cons']),
  ),
);

function namesOf(prototype: object, more: readonly string[]): readonly string[] {
  return [...Object.getOwnPropertyNames(prototype), ...more];
}
