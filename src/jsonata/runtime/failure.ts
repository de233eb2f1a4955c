/**
 * An evaluation that failed, with JSONata's code.
 *
 * Not an `Error`: an `Error` captures the stack, which costs ten times what the filter costs, and events that a filter
 * fails on can be many.
 */
export class Failure {
  /** JSONata's code, such as `T2009`; undefined where the reference fails with a JavaScript error that has none. */
  readonly code: string | undefined;
  /** The value that caused it. */
  readonly value: unknown;
  #message: string | undefined;

  constructor(code: string | undefined, value?: unknown, message?: string) {
    this.code = code;
    this.value = value;
    this.#message = message;
  }

  get name(): string {
    return 'Failure';
  }

  get message(): string {
    return this.#message ?? messages[this.code ?? ''] ?? 'The expression cannot be evaluated on this input';
  }

  /** The reference writes a message into whatever is thrown in it. */
  set message(text: string) {
    this.#message = text;
  }

  toString(): string {
    return this.code === undefined ? this.message : `${this.code}: ${this.message}`;
  }
}

/** Fails the evaluation. An expression, so that it can stand where a value does. */
export function fail(code: string | undefined, value?: unknown, message?: string): never {
  throw new Failure(code, value, message);
}

/** The code to report for whatever was thrown: the limits of the machine have JSONata's codes for them too. */
export function codeOf(error: unknown): string {
  if (error instanceof RangeError) return 'D1011';
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : 'D1000';
}

/** What each code means, for the codes that events can cause: docs.jsonata.org lists them all. */
const messages: Readonly<Record<string, string>> = {
  D1001: 'A number is out of range',
  D1002: 'Cannot negate a value that is not a number',
  D1004: 'A regular expression matches the empty string',
  D1009: 'Several keys of an object evaluate to the same text',
  D1011: 'The evaluation is nested too deep',
  D1012: 'The evaluation takes too long',
  D1013: 'Keys that start with _jsonata_ are reserved',
  D2014: 'A range may not have more than ten million entries',
  D2015: 'A value grew past the limit',
  D3001: 'Cannot make text of a number that is infinite',
  D3030: 'Cannot make a number of this value',
  D3110: 'Not an ISO 8601 time',
  T0410: 'An argument does not match the signature of the function',
  T0411: 'The context is not of the type that the function needs',
  T0412: 'An argument must be an array of one type',
  T1003: 'The key of an object must be text',
  T1005: 'Not a function: a $ may be missing',
  T1006: 'Not a function',
  T2001: 'The left side of an arithmetic operator must be a number',
  T2002: 'The right side of an arithmetic operator must be a number',
  T2003: 'The left side of a range must be an integer',
  T2004: 'The right side of a range must be an integer',
  T2006: 'The right side of ~> must be a function',
  T2007: 'Values of different types cannot be put in order',
  T2008: 'Only numbers or texts can be put in order',
  T2009: 'Values of different types cannot be compared',
  T2010: 'Only numbers or texts can be compared',
};
