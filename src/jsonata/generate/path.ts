import type { Node, PathNode, SortNode, Stage } from '../ast.ts';
import { truthOf, within, type Env } from './env.ts';
import { literalIndex } from '../literal-index.ts';
import { chainFrom, emitChain } from './fields.ts';
import { emitCallback, emitGroup } from './group.ts';
import { collecting, emitLoop } from './loop.ts';
import { Results } from './results.ts';
import { anything, array, data, may, number, only, type Value } from './types.ts';

/**
 * Paths: https://docs.jsonata.org/processing. The contexts of a step are one of these:
 *
 * - `one`: exactly one value, also when that is missing;
 * - `input`: the context of the path: the members of an array, else exactly one value;
 * - `found`: what a step gave: nothing when missing, the members of an array, else one value.
 */
interface Contexts {
  readonly value: Value;
  readonly shape: 'one' | 'input' | 'found';
}

export function emitPath(node: PathNode, env: Env): Value {
  const { code } = env;
  const first = node.steps[0];
  if (first?.consarray !== true) return emitEnd(node, emitSteps(node, 0, inputOf(first, env), env), env);
  // An empty array is the value of the whole path, as it is.
  const start = emitConstructedStart(first, env);
  if (node.steps.length === 1) return emitEnd(node, start, env);
  const result = code.variable(start.value.js);
  code.block(`if (${start.value.js}.length > 0)`, () => {
    const rest = emitSteps(node, 1, start, env);
    code.line(`${result} = ${rest.value.js};`);
  });
  return emitEnd(node, { value: { js: result, types: anything, loose: true }, shape: 'found' }, env);
}

function emitSteps(node: PathNode, from: number, start: Contexts, env: Env): Contexts {
  const { steps } = node;
  let contexts = start;
  let at = from;
  while (at < steps.length) {
    const chain = chainFrom(steps, at);
    const end = at + Math.max(chain.length, 1);
    const last = end === steps.length;
    const whole = last && isWhole(node) && from === 0;
    contexts =
      chain.length > 0
        ? found(emitChain(contexts.value, chain, last, whole, env), last, env)
        : emitStep(steps[at] as Node, contexts, last, env);
    at = end;
  }
  return contexts;
}

/** Whether what the last step found is the value of the path as it is. */
function isWhole({ group, keepSingletonArray, keepArray }: PathNode): boolean {
  return group === undefined && keepSingletonArray !== true && keepArray !== true;
}

function emitEnd(node: PathNode, contexts: Contexts, env: Env): Value {
  const { code } = env;
  const kept = node.keepSingletonArray === true || node.keepArray === true;
  const { js, types } = contexts.value;
  const value: Value = kept ? { ...code.value(code.call('kept', js), types), loose: true } : contexts.value;
  return node.group === undefined ? value : emitGroup(node.group, value, env);
}

/** The contexts before the last step of a path `a.b.*`, where that is all there is to it. */
export function chainBeforeWildcard(node: Node, env: Env): Value | undefined {
  if (node.type !== 'path' || node.keepSingletonArray === true || node.keepArray === true || node.group !== undefined)
    return undefined;
  const wildcard = node.steps.at(-1);
  const chain = chainFrom(node.steps, 0);
  if (wildcard?.type !== 'wildcard' || chain.length !== node.steps.length - 1 || chain.length === 0) return undefined;
  if (wildcard.stages !== undefined || wildcard.keepArray === true) return undefined;
  return emitChain(env.input, chain, false, false, env);
}

function inputOf(first: Node | undefined, { input }: Env): Contexts {
  const absolute = first?.type === 'variable' || !may(input.types, array);
  return { value: input, shape: absolute ? 'one' : 'input' };
}

/** An array that was constructed for a path is one context, not many. */
function found(value: Value, last: boolean, { code }: Env): Contexts {
  if (last || only(value.types, data) || !may(value.types, array)) return { value, shape: 'found' };
  const js = `${code.call('isArray', value.js)} && ${value.js}.cons === true ? [${value.js}] : ${value.js}`;
  return { value: code.value(js, value.types), shape: 'found' };
}

/** An array constructor at the start is evaluated once, over all contexts together. */
function emitConstructedStart(step: Node, env: Env): Contexts {
  const { code } = env;
  const contexts = code.value(code.call('listOf', env.input.js), array);
  return { value: env.emit(step, within(env, contexts)), shape: 'found' };
}

function emitStep(step: Node, contexts: Contexts, last: boolean, env: Env): Contexts {
  if (step.type === 'sort') return emitSort(step, contexts, env);
  if (contexts.shape === 'one') {
    const results = new Results(last, true, env);
    emitOne(step, contexts.value, results, env);
    return { value: results.end(), shape: 'found' };
  }
  const results = new Results(last, false, env);
  emitLoop(contexts.value, contexts.shape === 'found', env, (item) => emitOne(step, item, results, env));
  return { value: results.end(), shape: 'found' };
}

/** A step for one context. */
function emitOne(step: Node, item: Value, results: Results, env: Env): void {
  const inner = within(env, item);
  const { stages, ...plain } = step;
  const value = inner.emit(stages === undefined ? step : plain, inner);
  if (stages === undefined) results.add(value);
  else emitStages(stages, value, results, env);
}

/** The predicates of a step, each over what the one before left. */
function emitStages(stages: readonly Stage[], value: Value, results: Results, env: Env): void {
  const { code } = env;
  let current = value;
  stages.forEach((stage, position) => {
    const index = literalIndex(stage.expr);
    const last = position === stages.length - 1;
    if (index !== undefined) {
      current = code.value(code.call('at', current.js, String(index)), array);
      if (last) results.add(current);
    } else if (last) {
      results.spread();
      emitFilter(stage.expr, current, env, (item) => results.push(item));
    } else {
      const kept = code.value('[]', array);
      emitFilter(stage.expr, current, env, (item) => code.line(`${kept.js}.push(${item.js});`));
      current = kept;
    }
  });
}

/** Runs `selected` for each member of a value that the predicate selects. https://docs.jsonata.org/predicate */
function emitFilter(predicate: Node, value: Value, env: Env, selected: (item: Value) => void): void {
  const { code } = env;
  emitLoop(value, false, env, (item, index, length) => {
    const result = env.emit(predicate, within(env, item));
    if (may(result.types, number | array)) {
      const times = code.fresh('n');
      code.block(
        `for (let ${times} = ${code.call('selections', result.js, index, length)}; ${times} > 0; ${times}--)`,
        () => {
          selected(item);
        },
      );
    } else {
      code.block(`if (${truthOf(result, code)})`, () => selected(item));
    }
  });
}

function emitSort(step: SortNode, contexts: Contexts, env: Env): Contexts {
  const { code } = env;
  const terms = step.terms.map(({ expression, descending }) => {
    const term = emitCallback(expression, env);
    return `[${term}, ${descending}]`;
  });
  const items = code.value(
    `${contexts.value.js} === undefined ? [] : ${code.call('listOf', contexts.value.js)}`,
    array,
  );
  // Nothing to sort ends the path, before the predicates on the sort.
  const result = code.variable();
  code.block(`if (${items.js}.length > 0)`, () => {
    const sorted = code.value(code.call('orderBy', items.js, `[${terms.join(', ')}]`), array, true);
    code.line(`${result} = ${emitPredicates(step.stages ?? [], sorted, env).js};`);
  });
  return { value: { js: result, types: anything, loose: true }, shape: 'found' };
}

/**
 * Predicates that are not on a step of a path: `value[predicate][predicate]`. The result is still to be collapsed; a
 * missing one stands for an empty sequence.
 */
export function emitPredicates(predicates: readonly Stage[], value: Value, env: Env): Value {
  return predicates.reduce(
    (current, { expr }, i) => emitPredicate(expr, current, i < predicates.length - 1, env),
    value,
  );
}

function emitPredicate(predicate: Node, value: Value, more: boolean, env: Env): Value {
  const { code } = env;
  const index = literalIndex(predicate);
  if (index !== undefined) return { ...code.value(code.call('at', value.js, String(index)), anything), loose: true };
  const kept = code.variable('undefined');
  emitFilter(predicate, value, env, (item) => code.line(collecting(kept, item.js, env)));
  if (more) return code.value(`${kept} ?? []`, array);
  return { js: kept, types: anything, loose: true };
}
