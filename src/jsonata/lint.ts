import { childrenOf, type BinaryNode, type Node } from './ast.ts';
import { builtins } from './builtins/table.ts';
import { literalIndex } from './literal-index.ts';
import { parse } from './parse.ts';

/** Something in an expression that is allowed and is probably not meant. */
export interface Lint {
  readonly code: 'changes-type' | 'constant' | 'missing-is-not-null' | 'unknown-function' | 'unknown-variable';
  /** What is odd, and the way out. */
  readonly message: string;
  /** Where in the expression, counted in characters from its start. */
  readonly position: number;
}

/** The variables that the engine binds. */
const bound: readonly string[] = ['identifier'];

/** Looks for what people who write filters trip over. Throws an `ExpressionError` when the expression does not parse. */
export function lint(expression: string): readonly Lint[] {
  const { ast } = parse(expression);
  const known = new Set([...bound, '', '$', ...namesBoundIn(ast)]);
  const found: Lint[] = [];
  const visit = (node: Node): void => {
    found.push(...lintsOf(node, known));
    childrenOf(node).forEach(visit);
  };
  visit(ast);
  if (isConstant(ast)) {
    const message = 'the expression does not read the event, so that its result is always the same';
    found.push({ code: 'constant', message, position: 0 });
  }
  return found.sort((a, b) => a.position - b.position);
}

function lintsOf(node: Node, known: ReadonlySet<string>): readonly Lint[] {
  const { position = 0 } = node;
  if (node.type === 'binary') return comparisonLints(node);
  if (node.type === 'function' || node.type === 'partial') return callLints(node.procedure, position, known);
  return node.type === 'variable' ? variableLints(node.value, position, known) : [];
}

const comparisons: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=']);

function comparisonLints(node: BinaryNode): readonly Lint[] {
  if (!comparisons.has(node.value)) return [];
  const position = node.position ?? 0;
  const lints: Lint[] = [];
  if (node.value === '!=' && [node.lhs, node.rhs].some((side) => side.type === 'value' && side.value === null)) {
    const message =
      '!= null is false, not true, when the value is missing; to ask whether it is there write $exists(…), ' +
      'to let events without it pass write $not(… = null)';
    lints.push({ code: 'missing-is-not-null', message, position });
  }
  if ([node.lhs, node.rhs].some(canBeMany)) {
    const way = node.value === '=' ? '"value" in path' : `path[$ ${node.value} value]`;
    const message =
      `${node.value} compares one value, and this path gives a list as soon as it finds several: ` +
      `the comparison is then false or fails; write ${way} to ask whether any of them fits`;
    lints.push({ code: 'changes-type', message, position });
  }
  return lints;
}

/** The functions that give as many values as they find. */
const listing: ReadonlySet<string> = new Set(['each', 'filter', 'keys', 'map', 'match', 'split', 'spread', 'distinct']);

/** Whether a path gives one value or a list, as it comes. */
function canBeMany(node: Node): boolean {
  if (node.type === 'wildcard' || node.type === 'descendant') return true;
  if (node.type === 'function')
    return node.procedure.type === 'variable' && listing.has(node.procedure.value) && !indexed(node);
  if (node.type !== 'path' || node.group !== undefined) return false;
  const last = node.steps.findLastIndex(indexed);
  return node.steps.slice(last + 1).some((step) => {
    const stages = [...(step.stages ?? []), ...(step.predicate ?? [])];
    return step.type === 'wildcard' || step.type === 'descendant' || stages.length > 0;
  });
}

/** Whether a literal index picks one of what a step gives. */
function indexed(step: Node): boolean {
  const last = [...(step.stages ?? []), ...(step.predicate ?? [])].at(-1);
  return last !== undefined && literalIndex(last.expr) !== undefined;
}

function callLints(procedure: Node, position: number, known: ReadonlySet<string>): readonly Lint[] {
  if (procedure.type !== 'path') return [];
  const [name] = procedure.steps;
  if (name?.type !== 'name' || procedure.steps.length > 1) return [];
  const meant = isFunction(name.value) || known.has(name.value) ? `; write $${name.value}(…)` : '';
  return [
    {
      code: 'unknown-function',
      message: `${name.value}(…) calls a property of the event, not a function${meant}`,
      position,
    },
  ];
}

function variableLints(name: string, position: number, known: ReadonlySet<string>): readonly Lint[] {
  if (known.has(name) || isFunction(name)) return [];
  const near = [...builtins.keys(), ...known].find((other) => other.toLowerCase() === name.toLowerCase());
  const hint =
    near === undefined
      ? `; the engine binds ${bound.map((other) => `$${other}`).join(', ')}`
      : `; did you mean $${near}?`;
  return [
    { code: 'unknown-variable', message: `$${name} is neither a function nor bound to anything${hint}`, position },
  ];
}

function isFunction(name: string): boolean {
  return builtins.has(name) || name === 'eval';
}

function namesBoundIn(node: Node): readonly string[] {
  const own = [node.focus, node.index, ...(node.stages ?? []).map(({ value }) => value)];
  if (node.type === 'bind') own.push(node.lhs.value);
  if (node.type === 'lambda') own.push(...node.arguments.map(({ value }) => value));
  return [...own.filter((name) => name !== undefined), ...childrenOf(node).flatMap(namesBoundIn)];
}

/** What gives another result each time although it reads nothing. */
const changing: ReadonlySet<string> = new Set(['eval', 'millis', 'now', 'random', 'shuffle', '', '$', ...bound]);

function isConstant(node: Node): boolean {
  if (node.type === 'name' || node.type === 'wildcard' || node.type === 'descendant' || node.type === 'parent')
    return false;
  if (node.type === 'variable' && changing.has(node.value)) return false;
  return childrenOf(node).every(isConstant);
}
