import type { Node } from './ast.ts';

/** The index that a predicate is, when it is a literal. */
export function literalIndex(predicate: Node): number | undefined {
  if (predicate.type !== 'number' || typeof predicate.value !== 'number') return undefined;
  return Math.floor(predicate.value);
}
