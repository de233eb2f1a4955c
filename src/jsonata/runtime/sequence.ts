/**
 * Sequences: the arrays that path expressions and some functions give. They differ from the arrays of the data by flags
 * that are kept, as in the reference, in properties of the array. JSON cannot carry an array with properties, so no
 * event can pass data off as a sequence: nothing is ever read from a plain object.
 *
 * The rules are those of https://docs.jsonata.org/processing#sequences.
 */
export interface Sequence extends Array<unknown> {
  /** Set on sequences; absent on arrays of the data. */
  sequence?: boolean;
  /** A sequence of one stays a sequence. */
  keepSingleton?: boolean;
  /** Wraps an input that is itself an array. */
  outerWrapper?: boolean;
  /** Made by an array constructor at an end of a path: it is not flattened into the result of the path. */
  readonly cons?: boolean;
}

export function sequence(): Sequence {
  const made: Sequence = [];
  made.sequence = true;
  return made;
}

export function sequenceOf(value: unknown): Sequence {
  const made: Sequence = [value];
  made.sequence = true;
  return made;
}

/** The input as paths see it: an array is wrapped, so that it is one context rather than many. */
export function wrapInput(input: unknown): unknown {
  if (!Array.isArray(input) || (input as Sequence).sequence === true) return input;
  const made = sequenceOf(input);
  made.outerWrapper = true;
  return made;
}

/** The value of a node: a sequence of none is missing, a sequence of one is its element. */
export function collapse(value: unknown): unknown {
  if (!Array.isArray(value) || (value as Sequence).sequence !== true || value.length > 1) return value;
  if (value.length === 0) return undefined;
  return (value as Sequence).keepSingleton === true ? value : (value[0] as unknown);
}

/** As `collapse`, for a node with `[]` written on it. */
export function collapseKept(value: unknown): unknown {
  if (Array.isArray(value) && (value as Sequence).sequence === true) (value as Sequence).keepSingleton = true;
  return collapse(value);
}

/** Both together, whatever they are: the `$append` of the reference. */
export function append(first: unknown, second: unknown): unknown {
  if (first === undefined) return second;
  if (second === undefined) return first;
  const head: unknown[] = Array.isArray(first) ? first : [first];
  return head.concat(second);
}

/** Adds a value to an array under construction: an array adds its members. */
export function appendTo(target: unknown[], value: unknown): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) target.push(value);
  else for (let i = 0; i < value.length; i++) target.push(value[i]);
}

/** Marks the result of an array constructor so that a path does not flatten it. */
export function markConstructed(array: unknown[]): unknown[] {
  return Object.defineProperty(array, 'cons', { enumerable: false, configurable: false, value: true });
}

/** `$`: the context, unwrapped. */
export function contextOf(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  return collapse((input as Sequence).outerWrapper === true ? input[0] : input);
}

/** The result of a path with `[]` in it: whatever it found is an array. Arrays of the data are never marked. */
export function kept(value: unknown): unknown {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return keepSingle(sequenceOf(value));
  const found = value as Sequence;
  if (found.sequence === true) return keepSingle(found);
  return found.cons === true ? keepSingle(sequenceOf(found)) : found;
}

function keepSingle(found: Sequence): Sequence {
  found.keepSingleton = true;
  return found;
}
