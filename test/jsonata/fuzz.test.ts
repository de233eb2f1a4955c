import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, filter } from './events.ts';
import { expression, input } from './grammar.ts';
import { injection } from './injection.ts';
import { compare, type Comparison } from './reference.ts';

test('expressions of the whole language have the results of the reference', { timeout: 240_000 }, async () => {
  const bindings = { bound: [1, { a: 2 }] };
  const property = fc.asyncProperty(expression, input, async (source, given) =>
    agrees(await compare(source, given, bindings)),
  );
  expect(await counterexample(property, 9_000)).toBeNull();
});

test('filters have the results of the reference over spoilt events', { timeout: 240_000 }, async () => {
  const bindings = { identifier: 'u' };
  const property = fc.asyncProperty(filter, event, async (source, given) =>
    agrees(await compare(source, given, bindings)),
  );
  expect(await counterexample(property, 9_000)).toBeNull();
});

test('no name and no text gets into the generated code as it is', { timeout: 240_000 }, async () => {
  const property = fc.asyncProperty(injection, async ({ source, input: given }) =>
    agrees(await compare(source, given)),
  );
  expect(await counterexample(property, 2_000)).toBeNull();
});

function agrees({ verdict }: Comparison): boolean {
  return verdict !== 'differ';
}

/** A case on which a property fails, with what was thrown; null when there is none. Always the same cases. */
async function counterexample<T>(property: fc.IAsyncPropertyWithHooks<T>, numRuns: number): Promise<unknown> {
  const { counterexample: found, errorInstance } = await fc.check(property, { seed: 20_260_301, numRuns });
  return found === null ? null : { found, errorInstance };
}
