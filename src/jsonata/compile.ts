import { compileFunction } from 'node:vm';
import { interpretedBecause } from './analyse.ts';
import type { Node, RegexNode } from './ast.ts';
import { builtins } from './builtins/table.ts';
import { ExpressionError } from './errors.ts';
import type { Bindings, CompiledExpression } from './face.ts';
import { generate, type Variant } from './generate/generate.ts';
import { interpreter } from './interpret.ts';
import { parse } from './parse.ts';
import { refusePictures } from './pictures.ts';
import { patternsOf } from './patterns.ts';
import { runtime } from './runtime/index.ts';
import type { Pattern } from './runtime/matcher.ts';

/**
 * Compiles a JSONata expression to a JavaScript function with the results of the reference, `jsonata` 2.2.2. What the
 * compiler does not cover runs in the reference itself, behind the same face.
 *
 * Throws an `ExpressionError` when the expression does not parse, or when it could stop the process: too long, or with
 * a regular expression or a picture that can take forever.
 */
export function compile(source: string): CompiledExpression {
  try {
    return compileParsed(source, parse(source).ast);
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionError('X0002', 'the expression is nested too deep', 0);
    throw error;
  }
}

function compileParsed(source: string, ast: Node): CompiledExpression {
  const patternOf = patternsOf(ast);
  refusePictures(ast);
  const reason = interpretedBecause(ast);
  if (reason !== undefined)
    return {
      source,
      mode: 'interpreted',
      interpretedBecause: reason,
      ...interpreter(source),
      toSource: () => undefined,
    };
  const program: Program = { ast, patternOf };
  return {
    source,
    mode: 'compiled',
    test: load(program, { form: 'test', ...usual }) as CompiledExpression['test'],
    // Most expressions are filters, so that this half is made when it is asked for.
    evaluate: later(() => load(program, { form: 'evaluate', ...usual })),
    toSource: () => generate(ast, { form: 'test', ...usual }, patternOf).source,
  };
}

interface Program {
  readonly ast: Node;
  readonly patternOf: (node: RegexNode) => Pattern;
}

type Evaluate = (input: unknown, bindings?: Bindings) => unknown;

/** What nearly every call is: an event, and no binding that replaces a built-in. */
const usual = { event: true, rebound: new Set<string>() };

/** Makes the function of a variant. What it does not take it hands on to a variant that takes more. */
function load(program: Program, variant: Variant): Evaluate {
  const { source, constants } = generate(program.ast, variant, program.patternOf);
  const otherwise = later(() =>
    load(program, { ...variant, event: false, rebound: variant.event ? usual.rebound : everyBuiltin }),
  );
  // The one place where source becomes code: it holds nothing but what `generate` wrote from the tree.
  const make = compileFunction(source, ['runtime', 'constants', 'otherwise']) as (
    ...given: readonly unknown[]
  ) => Evaluate;
  return make(runtime, constants, otherwise);
}

const everyBuiltin: ReadonlySet<string> = new Set(builtins.keys());

/** A function that is made when it is first called. */
function later(make: () => Evaluate): Evaluate {
  let made: Evaluate | undefined;
  return (input, bindings) => (made ??= make())(input, bindings);
}
