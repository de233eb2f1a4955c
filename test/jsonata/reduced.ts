/** Objects with no more in them than an expression reads. */
import { isRecord } from '../../src/core/event.ts';
import { compile, type FieldPath } from '../../src/jsonata/index.ts';
import { show } from './reference.ts';

/** An object with nothing in it but what stands at the paths. */
export function reducedTo(
  paths: readonly FieldPath[],
  object: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(object).flatMap(([field, value]) => {
    const own = paths.filter(([name]) => name === field).map(([, below]) => below);
    if (own.length === 0) return [];
    if (!isRecord(value) || own.includes(undefined)) return [[field, value] as const];
    return [[field, Object.fromEntries(Object.entries(value).filter(([name]) => own.includes(name)))] as const];
  });
  return Object.fromEntries(entries);
}

/** The value and the truth of an expression, or the codes of what fails. */
export function outcomesOf(
  source: string,
  given: unknown,
  bindings?: Readonly<Record<string, unknown>>,
): readonly unknown[] {
  const expression = compile(source);
  const outcome = (run: () => unknown): unknown => {
    try {
      return show(run());
    } catch (error) {
      return (error as { readonly code?: unknown }).code;
    }
  };
  return [outcome(() => expression.evaluate(given, bindings)), outcome(() => expression.test(given, bindings))];
}
