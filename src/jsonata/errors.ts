/** An expression that cannot be used, found when it is loaded. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** JSONata's error code, such as `S0201`; one that starts with `X` for what Sluice itself refuses. */
  readonly code: string;
  /** Where in the expression, counted in characters from its start. */
  readonly position: number;

  constructor(code: string, message: string, position: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}
