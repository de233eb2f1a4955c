import { childrenOf, type Node, type RegexNode } from './ast.ts';
import { ExpressionError } from './errors.ts';
import { judge } from './regex/judge.ts';
import type { Pattern } from './runtime/matcher.ts';

/**
 * Makes the regular expressions of an expression ready, once. Throws an `ExpressionError` for one that could backtrack
 * for too long.
 */
export function patternsOf(ast: Node): (node: RegexNode) => Pattern {
  const patterns = new Map<Node, Pattern>();
  const visit = (node: Node): void => {
    if (node.type === 'regex' && node.value instanceof RegExp) patterns.set(node, patternOf(node));
    childrenOf(node).forEach(visit);
  };
  visit(ast);
  return (node) => patterns.get(node) ?? patternOf(node);
}

function patternOf({ value, position = 0 }: RegexNode): Pattern {
  const { source, flags } = value;
  const { refusedBecause, maxSubject } = judge(source, flags);
  if (refusedBecause !== undefined) {
    const message = `the regular expression /${source}/ is refused: ${refusedBecause}`;
    throw new ExpressionError('X0003', message, position);
  }
  return {
    regex: new RegExp(source, flags),
    tester: new RegExp(source, flags.replace('g', '')),
    maxSubject,
  };
}
