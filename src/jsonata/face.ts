/** Variables that an expression may read: the name without its `$`, and the value. */
export type Bindings = Readonly<Record<string, unknown>>;

/** What a test answers: the truth of the result, or the JSONata code of the failure. */
export type Truth = boolean | { readonly code: string };

/** A JSONata expression, ready to be evaluated over events. */
export interface CompiledExpression {
  readonly source: string;
  /** Whether it was compiled to JavaScript, or is left to the reference's interpreter. */
  readonly mode: 'compiled' | 'interpreted';
  /** What of the language the compiler leaves to the interpreter; absent in mode `compiled`. */
  readonly interpretedBecause?: string;
  /**
   * The truth of the result, cast as `$boolean` does. An evaluation that fails gives its JSONata code
   * and never throws. Synchronous in mode `compiled`.
   */
  test(event: unknown, bindings?: Bindings): Truth | Promise<Truth>;
  /** The value of the expression; fails as `jsonata` does. Synchronous in mode `compiled`. */
  evaluate(input: unknown, bindings?: Bindings): unknown;
  /** The JavaScript that `test` runs for an event; undefined in mode `interpreted`. */
  toSource(): string | undefined;
}
