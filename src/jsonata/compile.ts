import jsonata from 'jsonata';

/** Variables that an expression may read: the name without its `$`, and the value. */
export type Bindings = Readonly<Record<string, unknown>>;

/** An expression that cannot be used, found when it is loaded. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** JSONata's error code, such as `S0201`. */
  readonly code: string;
  /** Where in the expression, counted in characters from its start. */
  readonly position: number;

  constructor(code: string, message: string, position: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}

/** A JSONata expression, ready to be evaluated over events. */
export interface CompiledExpression {
  readonly source: string;
  readonly mode: 'compiled' | 'interpreted';
  /**
   * The truth of the result, cast as `$boolean` does. An evaluation that fails gives its JSONata code
   * and never throws. Synchronous in mode `compiled`.
   */
  test(event: unknown, bindings?: Bindings): Truth | Promise<Truth>;
  /** The value of the expression; fails as `jsonata` does. Synchronous in mode `compiled`. */
  evaluate(input: unknown, bindings?: Bindings): unknown;
}

type Truth = boolean | { readonly code: string };

/** Compiles an expression. Throws an `ExpressionError` when it does not parse. */
export function compile(expression: string): CompiledExpression {
  const parsed = parse(expression);
  return {
    source: expression,
    mode: 'interpreted',
    evaluate: (input, bindings) => parsed.evaluate(input, { ...bindings }),
    async test(event, bindings) {
      try {
        return truthOf(await parsed.evaluate(event, { ...bindings }));
      } catch (error) {
        return { code: codeOf(error) };
      }
    },
  };
}

function parse(expression: string): jsonata.Expression {
  try {
    return jsonata(expression);
  } catch (error) {
    const { message, position } = error as { message?: string; position?: number };
    throw new ExpressionError(codeOf(error), message ?? String(error), position ?? 0);
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'D1000';
}

/** What JSONata's `$boolean` answers for a value: docs.jsonata.org/boolean-functions. */
function truthOf(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 ? truthOf(value[0]) : value.some(truthOf);
  if (typeof value === 'object' && value !== null)
    return Object.keys(value).length > 0 && !('_jsonata_lambda' in value);
  return typeof value !== 'function' && Boolean(value);
}
