/**
 * The steps of a path in their general form, over arrays of contexts, as in
 * https://docs.jsonata.org/processing. Generated code walks plain objects inline and comes here when it meets an array.
 */
import { charge } from './meter.ts';
import { append, collapse, collapseKept, sequence, sequenceOf, type Sequence } from './sequence.ts';

/** A step of a chain: a name, and the literal index behind it if there is one. */
export interface Field {
  readonly name: string;
  readonly index?: number;
  readonly keepArray?: boolean;
}

/** An own property of an object, for the names that every object inherits. */
export function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** `$lookup`: a property of an object, or those of the members of an array. */
export function lookup(value: unknown, name: string): unknown {
  if (!Array.isArray(value)) return own(value, name);
  charge(value.length / 2);
  const found = sequence();
  for (let i = 0; i < value.length; i++) {
    const item: unknown = lookup(value[i], name);
    if (Array.isArray(item)) for (let j = 0; j < item.length; j++) found.push(item[j]);
    else if (item !== undefined) found.push(item);
  }
  return found;
}

/** A name as a step: the value of the node for one context. */
export function field(value: unknown, name: string): unknown {
  return collapse(lookup(value, name));
}

/** The results of a step for each context, made one sequence. */
export function flatten(results: readonly unknown[], last: boolean): Sequence {
  const only = results[0];
  if (last && results.length === 1 && Array.isArray(only) && (only as Sequence).sequence !== true)
    return only as Sequence;
  const flat = sequence();
  for (let i = 0; i < results.length; i++) {
    const result = results[i];
    if (!Array.isArray(result) || (result as Sequence).cons === true) flat.push(result);
    else {
      charge(result.length / 8);
      for (let j = 0; j < result.length; j++) flat.push(result[j]);
    }
  }
  return flat;
}

/** A chain of names over contexts. Answers the sequence as it is, not yet collapsed. */
export function fields(contexts: unknown, chain: readonly Field[], last: boolean): Sequence {
  let current = listOf(contexts);
  if (current.length === 0) return sequence();
  for (let step = 0; step < chain.length && current.length > 0; step++) {
    const { name, index, keepArray } = chain[step] as Field;
    const results: unknown[] = [];
    charge(current.length);
    for (let i = 0; i < current.length; i++) {
      const found = lookup(current[i], name);
      const value = keepArray === true ? collapseKept(found) : collapse(found);
      const result = index === undefined ? value : at(value, index);
      if (result !== undefined) results.push(result);
    }
    current = flatten(results, last && step === chain.length - 1);
  }
  return current;
}

/** The contexts of a step: the members of an array, or the one value. */
export function listOf(value: unknown): Sequence {
  return Array.isArray(value) ? (value as Sequence) : sequenceOf(value);
}

/** `[n]` with a literal: the sequence of what is there. */
export function at(value: unknown, index: number): Sequence {
  const list = listOf(value);
  const item: unknown = list[index < 0 ? list.length + index : index];
  if (item === undefined) return sequence();
  return Array.isArray(item) ? (item as Sequence) : sequenceOf(item);
}

/** `*`: the values of an object, arrays flattened. */
export function wildcard(input: unknown): unknown {
  const value =
    Array.isArray(input) && (input as Sequence).outerWrapper === true && input.length > 0
      ? (input[0] as unknown)
      : input;
  let results: unknown[] = sequence();
  if (value === null || typeof value !== 'object') return results;
  for (const key of Object.keys(value)) {
    charge(1);
    const item = (value as Record<string, unknown>)[key];
    if (Array.isArray(item)) results = append(results, flattenDeep(item, [])) as unknown[];
    else results.push(item);
  }
  return results;
}

/** `*` as the last step of a path. */
export function wildcards(contexts: unknown): Sequence {
  if (contexts === undefined) return sequence();
  const results: unknown[] = [];
  for (const context of listOf(contexts)) {
    const result = collapse(wildcard(context));
    if (result !== undefined) results.push(result);
  }
  return flatten(results, true);
}

/** `x in path.*` without building the sequence. */
export function includesValue(left: unknown, input: object): boolean {
  if (left === undefined) return false;
  for (const item of Object.values(input)) {
    if (item === left) return true;
    if (Array.isArray(item) && flattenDeep(item, []).includes(left)) return !Number.isNaN(left);
  }
  return false;
}

function flattenDeep(values: readonly unknown[], into: unknown[]): unknown[] {
  charge(values.length);
  for (let i = 0; i < values.length; i++) {
    const item = values[i];
    if (Array.isArray(item)) flattenDeep(item, into);
    else into.push(item);
  }
  return into;
}

/** `**`: the value and all that is inside it, arrays themselves left out. */
export function descendants(input: unknown): unknown {
  if (input === undefined) return undefined;
  const results = sequence();
  collect(input, results);
  return results.length === 1 ? results[0] : results;
}

function collect(value: unknown, into: unknown[]): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) collect(value[i], into);
    return;
  }
  charge(6);
  into.push(value);
  if (value !== null && typeof value === 'object') for (const item of Object.values(value)) collect(item, into);
}

/** `$exists(**.name)`, without building the sequence: stops at the first that is found. */
export function existsBelow(input: unknown, name: string): boolean {
  let empty = 0;
  const visit = (value: unknown): boolean => {
    if (value === null || typeof value !== 'object') return false;
    charge(1);
    if (Array.isArray(value)) return value.some(visit);
    if (Object.hasOwn(value, name)) {
      const found = (value as Record<string, unknown>)[name];
      // An empty array alone is a result; two of them flatten to none.
      if (!Array.isArray(found)) return found !== undefined || Object.values(value).some(visit);
      if (found.length > 0) return true;
      empty++;
    }
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === 'object' && item !== null && visit(item)) return true;
    }
    return false;
  };
  return visit(input) || empty === 1;
}
