import type { ArrayNode } from '../ast.ts';
import type { Env } from './env.ts';
import { array, may, missing, type Value } from './types.ts';

/** `[a, b]`: https://docs.jsonata.org/construction#array-constructors */
export function emitArray(node: ArrayNode, env: Env): Value {
  const { code } = env;
  const result = code.value('[]', array);
  for (const item of node.expressions) {
    const value = env.emit(item, env);
    // The members of an array are appended, unless it was written as a constructor itself.
    const nested = (item.type === 'unary' && item.value === '[') || !may(value.types, array);
    if (!nested) code.line(`${code.call('appendTo', result.js, value.js)};`);
    else if (may(value.types, missing)) code.line(`if (${value.js} !== undefined) ${result.js}.push(${value.js});`);
    else code.line(`${result.js}.push(${value.js});`);
  }
  if (node.consarray === true) code.line(`${code.call('markConstructed', result.js)};`);
  return result;
}
