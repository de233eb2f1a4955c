import { codeOf, Failure } from './failure.ts';

/** What a test answers when its evaluation failed. */
export function evaluationError(error: unknown): { readonly code: string } {
  return { code: codeOf(error) };
}

/** What an evaluation that failed throws: a limit of the machine is told as JSONata tells it. */
export function thrown(error: unknown): unknown {
  return error instanceof RangeError ? new Failure('D1011') : error;
}
