import { childrenOf, type Node } from './ast.ts';
import { ExpressionError } from './errors.ts';
import { pictureRisk } from './picture-safety.ts';

/** Refuses literal pictures of `$toMillis` that could take forever; others are looked at when they are used. */
export function refusePictures(node: Node): void {
  if (node.type === 'function' && node.procedure.type === 'variable' && node.procedure.value === 'toMillis') {
    const picture = node.arguments.find((arg) => arg.type === 'string' && String(arg.value).includes('['));
    const risk = picture?.type === 'string' ? pictureRisk(String(picture.value)) : undefined;
    if (risk !== undefined)
      throw new ExpressionError('X0004', `the picture of $toMillis is refused: ${risk}`, node.position ?? 0);
  }
  childrenOf(node).forEach(refusePictures);
}
