import jsonata from 'jsonata';
import type { Node } from './ast.ts';
import { ExpressionError } from './errors.ts';

/** Longer expressions are refused: no filter needs one, and the parser recurses over the expression. */
const longestExpression = 8192;

/** A `??` or `?:` that may have others on its left. */
const nestedDefault = /[)\]}](?:\s|\/\*[^]*?\*\/)*\?[?:]/g;
const mostNestedDefaults = 8;

/** An expression that parses. */
export interface Parsed {
  readonly source: string;
  readonly ast: Node;
  /** The package's own form of it, which can be interpreted. */
  readonly reference: jsonata.Expression;
}

/** Parses with the reference's parser. Throws an `ExpressionError` when that does, or when the expression is too long. */
export function parse(source: string): Parsed {
  if (source.length > longestExpression) {
    const message = `the expression has ${source.length} characters; the limit is ${longestExpression}`;
    throw new ExpressionError('X0001', message, longestExpression);
  }
  // The parser copies the left side of these, and what is in it, each time that they are nested.
  if ((source.match(nestedDefault)?.length ?? 0) > mostNestedDefaults)
    throw new ExpressionError('X0002', `more than ${mostNestedDefaults} of ?? and ?: come after a bracket`, 0);
  try {
    const reference = jsonata(source);
    // The package's types leave out most of what its parser builds.
    return { source, ast: reference.ast() as unknown as Node, reference };
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError('X0002', 'the expression is nested too deep', 0);
    const { code, message, position } = error as { code?: string; message?: string; position?: number };
    throw new ExpressionError(code ?? 'S0500', message ?? String(error), position ?? 0);
  }
}
