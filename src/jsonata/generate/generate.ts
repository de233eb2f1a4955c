import type { Node, RegexNode } from '../ast.ts';
import { builtins } from '../builtins/table.ts';
import type { Pattern } from '../runtime/matcher.ts';
import { Code } from './code.ts';
import { truthOf, type Env, type Program } from './env.ts';
import { emit } from './expression.ts';
import { Scope } from './scope.ts';
import { data, object, type Value } from './types.ts';

/** What the generated function gives. */
export type Form =
  /** The value; failures are thrown. */
  | 'evaluate'
  /** The truth of the value, or the code of a failure; nothing is thrown. */
  | 'test';

export interface Variant {
  readonly form: Form;
  /** Whether the input is known to be an object that is not an array, as events are. */
  readonly event: boolean;
  /** The built-ins that a binding replaces. */
  readonly rebound: ReadonlySet<string>;
}

export interface Generated {
  /** The body of a function of `runtime`, `constants` and `otherwise`, which returns the function. */
  readonly source: string;
  readonly constants: readonly unknown[];
}

/** Writes the JavaScript of an expression. Only what is in the tree gets into it: names and texts as literals. */
export function generate(ast: Node, variant: Variant, patternOf: (node: RegexNode) => Pattern): Generated {
  const { form, event, rebound } = variant;
  const body = new Code();
  const root: Value = event ? { js: 'input', types: object } : { js: 'input', types: data };
  const program: Program = {
    rebound,
    assumed: new Set(),
    builtin: (name) => builtins.get(name),
    pattern: patternOf,
    root: event ? root : { js: 'input', types: data, loose: true },
  };
  const write = (): void => {
    body.line(`${body.call('begin')};`);
    const context = event ? root : body.value(body.call('wrapInput', 'input'), data);
    const scope = new Scope();
    scope.declare([ast], body);
    const env: Env = { code: body, scope, input: context, program, emit };
    const value = emit(ast, env);
    body.line(`return ${form === 'test' ? truthOf(value, body) : value.js};`);
  };
  const failure =
    form === 'test' ? `return ${body.call('evaluationError', 'error')};` : `throw ${body.call('thrown', 'error')};`;
  body.block('try', write);
  body.block('catch (error)', () => body.line(failure));
  return { source: withGuards(body, variant, program), constants: body.constants };
}

/** Puts in front what the code takes for granted: the kind of the input, and that bindings replace no built-in it uses. */
function withGuards(body: Code, { form, event }: Variant, { assumed }: Program): string {
  const guards: string[] = [];
  if (event) guards.push("typeof input !== 'object'", 'input === null', body.call('isArray', 'input'));
  if (assumed.size > 0)
    guards.push(`bindings !== undefined && (${[...assumed].map((name) => `'${name}' in bindings`).join(' || ')})`);
  if (guards.length > 0) body.guard(`if (${guards.join(' || ')}) return otherwise(input, bindings);`);
  return body.toSource(form, 'input, bindings');
}
