/**
 * What generated code may call, by the names that it uses. One object, so that a generated function names each of them
 * once at its head and nothing else is in its reach.
 */
import { evaluationError, thrown } from './outcome.ts';
import { add, divide, multiply, negate, range, rangeSize, remainder, subtract } from './arithmetic.ts';
import { apply, applyTail, applyTo, asArgument, callBuiltin } from './call.ts';
import { greater, greaterOrEqual, less, lessOrEqual } from './compare.ts';
import { equal, includes, notEqual } from './equality.ts';
import { fail } from './failure.ts';
import { lambda, tailCall } from './function.ts';
import { emptyObject, group, groupAll } from './group.ts';
import { allMatches, matcher, matches } from './matcher.ts';
import { begin, charge } from './meter.ts';
import { orderBy } from './order.ts';
import {
  at,
  descendants,
  existsBelow,
  field,
  fields,
  flatten,
  includesValue,
  listOf,
  lookup,
  own,
  wildcard,
  wildcards,
} from './path.ts';
import { selections } from './predicate.ts';
import {
  appendTo,
  collapse,
  collapseKept,
  contextOf,
  kept,
  markConstructed,
  sequenceOf,
  wrapInput,
} from './sequence.ts';
import { codePoints, concat, text } from './text.ts';
import { sumOf } from './aggregate.ts';
import { truth } from './truth.ts';

/** A variable of the expression that nothing has been bound to yet: reading it falls through to an outer one. */
const unset = Symbol('unset');

export const runtime = {
  add,
  allMatches,
  appendTo,
  apply,
  applyTail,
  applyTo,
  asArgument,
  at,
  begin,
  callBuiltin,
  charge,
  codePoints,
  collapse,
  collapseKept,
  concat,
  contextOf,
  descendants,
  divide,
  emptyObject,
  equal,
  evaluationError,
  existsBelow,
  fail,
  field,
  fields,
  flatten,
  greater,
  greaterOrEqual,
  group,
  groupAll,
  includes,
  includesValue,
  isArray: Array.isArray,
  kept,
  lambda,
  less,
  lessOrEqual,
  listOf,
  lookup,
  markConstructed,
  matcher,
  matches,
  multiply,
  negate,
  notEqual,
  orderBy,
  own,
  range,
  rangeSize,
  remainder,
  selections,
  sequenceOf,
  subtract,
  sumOf,
  tailCall,
  text,
  thrown,
  truth,
  unset,
  wildcard,
  wildcards,
  wrapInput,
};

export type RuntimeName = keyof typeof runtime;
