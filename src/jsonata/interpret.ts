import jsonata from 'jsonata';
import { pad } from './builtins/string.ts';
import { toMillis } from './builtins/date.ts';
import { copyOf } from './copy.ts';
import type { Bindings, Truth } from './face.ts';
import { judge } from './regex/judge.ts';
import { codeOf, fail } from './runtime/failure.ts';
import { begin } from './runtime/meter.ts';

/**
 * The guardrails of the reference: calls inside each other, and members of a sequence. The time is only a last resort,
 * since a limit by the clock would fail an event on a busy machine that passes on another.
 */
const guardrails = { timeout: 1_000, stack: 400, sequence: 8_000 };

/** How many nodes one evaluation may visit: about a microsecond each. */
const mostSteps = 10_000;

/** Its functions are objects, which only it can tell from others. */
const cast = jsonata('$boolean($value)');

/** Runs an expression in the reference's own interpreter, over a copy of the input, which it writes to in places. */
export function interpreter(source: string): {
  test(event: unknown, bindings?: Bindings): Promise<Truth>;
  evaluate(input: unknown, bindings?: Bindings): Promise<unknown>;
} {
  // Its guardrails cannot stop a regular expression, and `$eval` makes them while it runs.
  const expression = jsonata(source, {
    ...guardrails,
    RegexEngine: GuardedRegExp,
  } as unknown as jsonata.JsonataOptions);
  expression.registerFunction(
    'toMillis',
    (value: string | undefined, picture?: string) => toMillis(value, picture),
    '<s-s?:n>',
  );
  expression.registerFunction(
    'pad',
    (value: string | undefined, width: number, fill?: string) => pad(value, width, fill),
    '<s-ns?:s>',
  );
  // The reference calls what is bound to this name before it visits a node.
  expression.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, countSteps);
  const evaluate = async (input: unknown, bindings?: Bindings): Promise<unknown> => {
    begin();
    return expression.evaluate(copyOf(input), copyOf(bindings ?? {}) as Record<string, unknown>);
  };
  return {
    evaluate,
    async test(event, bindings) {
      try {
        const value = await evaluate(event, bindings);
        return (await cast.evaluate(undefined, { value })) === true;
      } catch (error) {
        return { code: codeOf(error) };
      }
    },
  };
}

function countSteps(_node: unknown, _input: unknown, { base }: { readonly base: { steps?: number } }): void {
  base.steps = (base.steps ?? 0) + 1;
  if (base.steps > mostSteps) fail('D1012');
}

/** A regular expression that is refused when it could backtrack for too long. */
class GuardedRegExp extends RegExp {
  readonly #maxSubject: number;

  constructor(pattern: RegExp) {
    super(pattern);
    const { refusedBecause, maxSubject } = judge(this.source, this.flags);
    if (refusedBecause !== undefined) fail('D1012', this.source);
    this.#maxSubject = maxSubject;
  }

  override exec(text: string): RegExpExecArray | null {
    return text.length > this.#maxSubject ? fail('D2015', text.length) : super.exec(text);
  }
}
