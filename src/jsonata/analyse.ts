import { childrenOf, type LambdaNode, type Node } from './ast.ts';
import { endsInCall } from './generate/lambda.ts';

/** Why an expression is left to the interpreter; undefined when it can be compiled. */
export function interpretedBecause(node: Node): string | undefined {
  return reasonFor(node) ?? firstOf(childrenOf(node), interpretedBecause);
}

/** The parser copies the left side of these through JSON. */
const lostInCopy = 'a regular expression or a signature stands on the left of ?: or ??';

function reasonFor(node: Node): string | undefined {
  if (node.tuple === true) return 'it joins or numbers with @ or #, or asks for a parent with %';
  return reasonForType(node) ?? firstOf(node.group?.lhs.flat() ?? [], bindsInside);
}

function reasonForType(node: Node): string | undefined {
  if (node.type === 'parent') return 'it asks for a parent with %';
  if (node.type === 'transform') return 'it transforms with | … |';
  if (node.type === 'partial' || node.type === 'operator') return 'it applies a function partially with ?';
  if (node.type === 'variable') return node.value === 'eval' ? 'it calls $eval' : undefined;
  if (node.type === 'regex') return node.value instanceof RegExp ? undefined : lostInCopy;
  if (node.type === 'path') return reasonForPath(node.steps);
  if (node.type === 'lambda') return reasonForLambda(node);
  if (node.type !== 'unary' || node.value === '-') return undefined;
  return firstOf(node.value === '[' ? node.expressions : node.lhs.flat(), bindsInside);
}

function reasonForLambda({ signature, thunk, body }: LambdaNode): string | undefined {
  if (signature !== undefined && signature.validate === undefined) return lostInCopy;
  return thunk !== true && hasPredicatedTail(body)
    ? 'a predicate or a group stands behind a call in tail position'
    : undefined;
}

function reasonForPath(steps: readonly Node[]): string | undefined {
  const [first] = steps;
  if (first?.consarray !== true || first.type !== 'unary') return undefined;
  if (first.predicate === undefined && first.group === undefined) return undefined;
  return 'a path starts with a predicate or a group on an array constructor';
}

/** The members of a constructor are evaluated at the same time in the reference: a bind in one is seen by others. */
function bindsInside(node: Node): string | undefined {
  if (node.type === 'bind') return 'a variable is bound inside of a constructor';
  return node.type === 'block' || node.type === 'lambda' ? undefined : firstOf(childrenOf(node), bindsInside);
}

function hasPredicatedTail(node: Node): boolean {
  if (node.type === 'condition')
    return hasPredicatedTail(node.then) || (node.else !== undefined && hasPredicatedTail(node.else));
  if (node.type !== 'block' || !endsInCall(node)) return false;
  const last = node.expressions.at(-1);
  return node.predicate !== undefined || node.group !== undefined || (last !== undefined && hasPredicatedTail(last));
}

function firstOf(nodes: readonly Node[], find: (node: Node) => string | undefined): string | undefined {
  for (const node of nodes) {
    const found = find(node);
    if (found !== undefined) return found;
  }
  return undefined;
}
