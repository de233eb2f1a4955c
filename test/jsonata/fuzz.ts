/**
 * Compares the compiler with the reference on random expressions and events until it is stopped, or for `--minutes`.
 *
 * npm run fuzz -- [--minutes 10] [--seed N]
 */
import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { event, filter } from './events.ts';
import { expression, input } from './grammar.ts';
import { injection } from './injection.ts';
import { compare } from './reference.ts';

const { values: flags } = parseArgs({
  options: { minutes: { type: 'string', default: 'Infinity' }, seed: { type: 'string' } },
});
const end = Date.now() + Number(flags.minutes) * 60_000;
const first = Number(flags.seed ?? Date.now() % 1e9);

type Example = readonly [source: string, given: unknown, bindings?: Readonly<Record<string, unknown>>];

const example: fc.Arbitrary<Example> = fc.oneof(
  fc.tuple(expression, input).map(([source, given]): Example => [source, given, { bound: [1, { a: 2 }] }]),
  fc.tuple(filter, event).map(([source, given]): Example => [source, given, { identifier: 'u' }]),
  injection.map(({ source, input: given }): Example => [source, given]),
);

const counts = { agree: 0, differ: 0, unsure: 0 };
for (let seed = first; Date.now() < end; seed++) {
  for (const [source, given, bindings] of fc.sample(example, { seed, numRuns: 2_000 })) {
    const { verdict, expected, actual } = await compare(source, given, bindings);
    counts[verdict]++;
    if (verdict === 'differ') console.log(JSON.stringify({ seed, source, given, expected, actual }));
  }
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
}
if (counts.differ > 0) process.exitCode = 1;
