import { compile, type CompiledExpression } from '../jsonata/index.ts';
import type { Sync } from './sync.ts';

/** How many expressions of a sync are compiled, and how many are left to the interpreter, which answers late. */
export function modesOf({ events }: Sync): Readonly<Record<CompiledExpression['mode'], number>> {
  const wheres = events.select.map(({ where }) => where);
  const computed = events.properties.map((property) => (property.kind === 'expression' ? property.expr : undefined));
  const counts = { compiled: 0, interpreted: 0 };
  for (const expression of [events.filter, ...wheres, ...computed]) {
    if (expression !== undefined) counts[compile(expression).mode]++;
  }
  return counts;
}
