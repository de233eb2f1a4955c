import { z } from 'zod';
import { ConfigError } from '../core/errors.ts';
import { parseRule, RuleDocument } from './document.ts';
import { formatProblem, type Problem } from './problems.ts';
import { ruleOf } from './test-files.ts';
import { readText } from './text-file.ts';

const outcomeKind = z.enum(['delivered', 'filtered', 'discarded']);

const testCase = z
  .strictObject({
    name: z
      .string()
      .regex(/\S/, { error: 'is blank; say what the rule does' })
      .describe('What the rule is expected to do.')
      .meta({ examples: ['a purchase is sent with its total'] }),
    messages: z
      .array(z.unknown())
      .min(1, { error: 'holds no message, so nothing is tested' })
      .describe(
        'What NATS messages hold, in order: an event, a list of events, or a body with `events`. ' +
          'A string is sent as it is, not as JSON.',
      ),
    requests: z
      .array(z.record(z.string(), z.unknown()))
      .exactOptional()
      .describe('Exactly the bodies of the requests, in order and without the key. `[]` says that nothing is sent.'),
    outcomes: z
      .array(
        z.union([outcomeKind, z.strictObject({ outcome: outcomeKind, reason: z.string().exactOptional() })], {
          error: 'takes delivered, filtered, discarded, or { outcome, reason }',
        }),
      )
      .exactOptional()
      .describe(
        'What becomes of each event, in order: `delivered`, `filtered` or `discarded`, if wanted with the reason.',
      )
      .meta({ examples: [['delivered', { outcome: 'discarded', reason: 'unresolved_identifier' }]] }),
  })
  .refine(({ requests, outcomes }) => requests !== undefined || outcomes !== undefined, {
    error: 'expects nothing; add `requests`, `outcomes` or both',
  });

/** A file of tests beside a rule: `purchases.test.yaml` beside `purchases.yaml`. */
export const testFileSchema = z.strictObject({
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'Values of the variables in the rule, beside those of `BRAZE_API_KEY` and `AMPLITUDE_API_KEY` (test-key), and of ' +
        '`BRAZE_APP_ID` (test-app).',
    ),
  tests: z.array(testCase).min(1, { error: 'holds no test' }).describe('The tests.'),
});

export type RuleTest = z.infer<typeof testCase>;

/** Tests, and the rule that they are about. */
export interface TestFile {
  readonly file: string;
  /** The rule file. */
  readonly rule: string;
  /** All that the rule's variables can stand for: a test does not depend on where it runs. */
  readonly env: Readonly<Record<string, string>>;
  readonly tests: readonly RuleTest[];
}

/** Reads a test file and finds its rule. Throws a ConfigError that lists all that is wrong. */
export async function readTestFile(file: string): Promise<TestFile> {
  const read = await readText(file);
  if ('fault' in read) throw new ConfigError(`${file} ${read.fault}`);
  const document = parseRule(file, read.text);
  if (!(document instanceof RuleDocument)) throw wrong(document);
  const { success, data, error } = testFileSchema.safeParse(document.toValue());
  if (!success) throw wrong(error.issues.map(({ path, message }) => document.problem(path, message)));

  const rule = await ruleOf(file);
  if (rule === undefined)
    throw new ConfigError(`${file} has no rule beside it: purchases.test.yaml tests purchases.yaml`);
  return { file, rule, env: { ...placeholders, ...data.env }, tests: data.tests };
}

function wrong(problems: readonly Problem[]): ConfigError {
  return new ConfigError(`the tests are wrong:\n${problems.map(formatProblem).join('\n')}`);
}

const placeholders = { BRAZE_API_KEY: 'test-key', BRAZE_APP_ID: 'test-app', AMPLITUDE_API_KEY: 'test-key' };
