/** What is known of a value when the expression is compiled: a set of the types that it can have. */
export type Types = number;

export const missing: Types = 1;
export const nil: Types = 2;
export const boolean: Types = 4;
export const number: Types = 8;
export const text: Types = 16;
export const array: Types = 32;
export const object: Types = 64;
export const callable: Types = 128;

/** Anything that can be read from an event. Its arrays are never sequences. */
export const data: Types = missing | nil | boolean | number | text | array | object;
export const anything: Types = data | callable;

export function may(types: Types, be: Types): boolean {
  return (types & be) !== 0;
}

export function only(types: Types, be: Types): boolean {
  return (types & ~be) === 0;
}

/** A value in generated code. */
export interface Value {
  /** An identifier or a literal: it can be repeated. */
  readonly js: string;
  readonly types: Types;
  /** The value itself, where it is constant. */
  readonly constant?: { readonly value: string | number | boolean | null | undefined };
  /** It may be a sequence that its node has not collapsed yet. */
  readonly loose?: boolean;
}

export const undefinedValue: Value = { js: 'undefined', types: missing, constant: { value: undefined } };

/** A constant as a value. */
export function constantValue(value: string | number | boolean | null): Value {
  return { js: literal(value), types: typeOf(value), constant: { value } };
}

function typeOf(value: string | number | boolean | null): Types {
  if (value === null) return nil;
  if (typeof value === 'boolean') return boolean;
  return typeof value === 'number' ? number : text;
}

/** A constant as JavaScript source. JSON leaves out what ends a line of source: U+2028 and U+2029. */
export function literal(value: string | number | boolean | null): string {
  // In parentheses, since what follows would be negated with it.
  if (typeof value === 'number') return value < 0 || Object.is(value, -0) ? `(-${Math.abs(value)})` : String(value);
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
