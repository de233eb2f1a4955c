/** What the published package says of an expression, and what the compiler says, in a form that can be compared. */
import jsonata from 'jsonata';
import { compile } from '../../src/jsonata/index.ts';

/** A value written out, so that two are the same exactly when their texts are; or the code of the failure. */
export type Outcome = { readonly value: string } | { readonly code: string };

/** Codes of the limits that only one of the two has. */
const limits: ReadonlySet<string> = new Set(['D1011', 'D1012', 'D2015', 'X0001', 'X0002', 'X0003', 'X0004']);

/** Keeps the reference from going on for ever; far more than what any case needs. */
const guardrails = { timeout: 1_000, stack: 200, sequence: 100_000 } as jsonata.JsonataOptions;

/** How the two agree on one case. `unsure`: the reference itself gives no result that could be expected again. */
export type Verdict = 'agree' | 'differ' | 'unsure';

export interface Comparison {
  readonly verdict: Verdict;
  readonly mode: 'compiled' | 'interpreted' | 'refused';
  readonly expected: Outcome;
  readonly actual: Outcome;
}

/** Compares the value or the code of one evaluation, and the truth of it. */
export async function compare(
  source: string,
  input: unknown,
  bindings?: Readonly<Record<string, unknown>>,
  options: jsonata.JsonataOptions | undefined = guardrails,
): Promise<Comparison> {
  const untouched = JSON.stringify(input);
  const expected = await outcomeOf(async () => jsonata(source, options).evaluate(copy(input), copy(bindings)));
  const { mode, actual, truth } = await compiled(source, input, bindings);
  if (JSON.stringify(input) !== untouched || hasMark(input))
    return { verdict: 'differ', mode, expected, actual: { code: 'the input was changed' } };
  if (mode !== 'refused' && 'value' in actual) {
    const cast = await outcomeOf(async () => (await jsonata('$boolean($)').evaluate(actual.raw)) === true);
    if (String(truth) !== ('value' in cast ? cast.value : cast.code))
      return { verdict: 'differ', mode, expected: cast, actual: { value: `test: ${show(truth)}` } };
  }
  if (same(expected, actual)) return { verdict: 'agree', mode, expected, actual };
  return {
    verdict: (await isUnsure(source, input, bindings, expected, actual)) ? 'unsure' : 'differ',
    mode,
    expected,
    actual,
  };
}

function same(a: Outcome, b: Outcome): boolean {
  return 'value' in a ? 'value' in b && a.value === b.value : 'code' in b && a.code === b.code;
}

/**
 * The reference evaluates the members of constructors at the same time, and when two fail the faster failure wins; it
 * writes into its input; and it has no limits by itself.
 */
async function isUnsure(
  source: string,
  input: unknown,
  bindings: Readonly<Record<string, unknown>> | undefined,
  expected: Outcome,
  actual: Outcome,
): Promise<boolean> {
  if ([expected, actual].some((outcome) => 'code' in outcome && limits.has(outcome.code))) return true;
  // Its parser failed without a code, or what it keeps its functions in became a value.
  if ('code' in actual && actual.code === 'S0500') return 'code' in expected && expected.code === 'none';
  if ('value' in expected && expected.value.includes('"implementation":function')) return true;
  // The reference failed, and then failed to write the message.
  if ('code' in expected && expected.code === 'circular') return 'code' in actual;
  if ('code' in actual && 'code' in expected) return /[[{][^]*[,:]/.test(source);
  const written = copy(input);
  await outcomeOf(async () => jsonata(source, guardrails).evaluate(written, copy(bindings)));
  return show(written) !== show(copy(input)) || hasMark(written);
}

interface Actual {
  readonly mode: Comparison['mode'];
  readonly actual: Outcome & { readonly raw?: unknown };
  readonly truth?: unknown;
}

async function compiled(source: string, input: unknown, bindings?: Readonly<Record<string, unknown>>): Promise<Actual> {
  let expression;
  try {
    expression = compile(source);
  } catch (error) {
    return { mode: 'refused', actual: { code: codeOf(error) } };
  }
  const { mode } = expression;
  let raw: unknown;
  const actual = await outcomeOf(async () => (raw = await expression.evaluate(input, bindings)));
  const truth = await expression.test(input, bindings);
  if ('code' in actual) {
    const told = typeof truth === 'object' ? truth.code : String(truth);
    return { mode, actual: told === actual.code || actual.code === 'none' ? actual : { code: `test: ${told}` } };
  }
  return { mode, actual: { ...actual, raw }, truth: typeof truth === 'object' ? truth.code : truth };
}

async function outcomeOf(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: show(await run()) };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  // The reference runs out of stack, or of room for an array.
  if (error instanceof RangeError) return 'D1011';
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  if (message?.includes('circular structure') === true) return 'circular';
  return typeof code === 'string' ? code : 'none';
}

/** Everything that can be seen of a value: types, the order of keys, the sign of zero. Functions are all alike. */
export function show(value: unknown): string {
  if (typeof value === 'function' || isReferenceFunction(value)) return 'function';
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (Array.isArray(value)) return `[${Array.from(value, show).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${show(item)}`)
    .join(',')}}`;
}

function isReferenceFunction(value: unknown): boolean {
  const { _jsonata_lambda, _jsonata_function } = (value ?? {}) as Record<string, unknown>;
  return _jsonata_lambda === true || _jsonata_function === true;
}

/** Whether the reference left one of its marks on an array of its input. */
function hasMark(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) && Object.keys(value).length !== value.length) return true;
  return Object.values(value).some(hasMark);
}

export function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
