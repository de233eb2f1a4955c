import { type CallNode, type Node, partsOf, suffixesOf } from './ast.ts';
import { interpretedBecause } from './analyse.ts';
import { builtins } from './builtins/table.ts';
import { parse } from './parse.ts';

/** A field of the input by its name, or one of the fields of the object in it. */
export type FieldPath = readonly [field: string, below?: string];

/**
 * Which fields of an object an expression can read; undefined if it can read all of it. Over an object that has these
 * fields and no others the expression has the same result.
 *
 * Throws an `ExpressionError` when the expression does not parse.
 */
export function readsOf(expression: string): readonly FieldPath[] | undefined {
  const { ast } = parse(expression);
  const paths: FieldPath[] = [];
  return interpretedBecause(ast) === undefined && collect(ast, true, paths) ? paths : undefined;
}

/**
 * Adds what a node reads of the input to `paths`. False if that can be all of it.
 *
 * @param atRoot whether the context of the node is the input; else it is something in it, or made from it
 */
function collect(node: Node, atRoot: boolean, paths: FieldPath[]): boolean {
  if (!collectAll(suffixesOf(node), false, paths)) return false;
  if (node.type === 'path') return collectPath(node.steps, atRoot, paths);
  if (node.type === 'function') return collectCall(node, 0, atRoot, paths);
  if (node.type === 'apply' && node.rhs.type === 'function')
    return collect(node.lhs, atRoot, paths) && collectCall(node.rhs, 1, atRoot, paths);
  if (node.type === 'name' && atRoot) paths.push([node.value]);
  return !mayReadAll(node, atRoot) && collectAll(partsOf(node), atRoot, paths);
}

function collectAll(nodes: readonly Node[], atRoot: boolean, paths: FieldPath[]): boolean {
  return nodes.every((node) => collect(node, atRoot, paths));
}

/** Each step but the first has for its context what the one before found. */
function collectPath(steps: readonly Node[], atRoot: boolean, paths: FieldPath[]): boolean {
  const [first, ...rest] = steps;
  if (first === undefined) return false;
  const isPlain = suffixesOf(first).length === 0;
  // `$.price` and `$$.price` are read as `price`.
  if (isPlain && isInput(first, atRoot)) return collectPath(rest, true, paths);
  const [second] = rest;
  if (isPlain && atRoot && first.type === 'name' && second?.type === 'name') paths.push([first.value, second.value]);
  else if (!collect(first, atRoot, paths)) return false;
  return collectAll(rest, false, paths);
}

/** Whether a node is the input itself. */
function isInput(node: Node, atRoot: boolean): boolean {
  return node.type === 'variable' && (node.value === '$' || (node.value === '' && atRoot));
}

/**
 * A call can take its context for an argument that it does not have. Any function can that is not known.
 *
 * @param applied how many arguments `~>` puts in front
 */
function collectCall(node: CallNode, applied: number, atRoot: boolean, paths: FieldPath[]): boolean {
  const { procedure, arguments: given } = node;
  const builtin = procedure.type === 'variable' && builtins.has(procedure.value) ? procedure.value : undefined;
  if (atRoot && given.length + applied < argumentsWithoutContext(builtin)) return false;
  return collectAll([procedure, ...given], atRoot, paths);
}

function argumentsWithoutContext(builtin: string | undefined): number {
  return builtin === undefined ? Infinity : (takingContext.get(builtin) ?? 0);
}

/**
 * The functions that take an object from their context for a missing argument, and with how many arguments they do not.
 * The others fail on one, whatever it holds.
 */
const takingContext: ReadonlyMap<string, number> = new Map([
  ['boolean', 1],
  ['clone', 1],
  ['each', 2],
  ['keys', 1],
  ['lookup', 2],
  ['not', 1],
  ['sift', 2],
  ['spread', 1],
  ['string', 1],
]);

/** Whether a node can read all of the input, apart from its parts. */
function mayReadAll(node: Node, atRoot: boolean): boolean {
  if (node.type === 'variable') return isInput(node, atRoot);
  if (node.type === 'wildcard' || node.type === 'descendant') return atRoot;
  // What is called by the name of a built-in has to be that.
  if (node.type === 'bind') return builtins.has(node.lhs.value);
  if (node.type === 'lambda') return node.arguments.some(({ value }) => builtins.has(value));
  return !inert.has(node.type);
}

/** The types of nodes that read what their parts read. */
const inert: ReadonlySet<Node['type']> = new Set([
  'name',
  'binary',
  'unary',
  'condition',
  'block',
  'apply',
  'sort',
  'string',
  'number',
  'value',
  'regex',
] as const);
