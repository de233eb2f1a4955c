import { isDeepStrictEqual } from 'node:util';
import { dryRun, type DryRunOutcome } from './dry-run.ts';
import type { Sync } from './sync.ts';
import type { RuleTest } from './test-file.ts';

/** What a test expects, and what the rule did: each holds the parts that the test speaks of. */
export interface TestRun {
  readonly passed: boolean;
  readonly expected: Observation;
  readonly actual: Observation;
  /** JSONata's codes of computed properties that failed and were left out of their event. */
  readonly leftOut: readonly string[];
}

export interface Observation {
  readonly requests?: readonly unknown[];
  readonly outcomes?: readonly unknown[];
}

/** Runs a rule over the messages of a test, with no network. */
export async function runTest(sync: Sync, { messages, requests, outcomes }: RuleTest): Promise<TestRun> {
  const run = await dryRun(sync, messages.map(payloadOf));
  const expected = { ...(requests && { requests }), ...(outcomes && { outcomes }) };
  const actual = {
    ...(requests && { requests: run.requests.map((body): unknown => JSON.parse(body)) }),
    ...(outcomes && { outcomes: run.outcomes.map((outcome, index) => asBriefAs(outcomes[index], outcome)) }),
  };
  return { passed: isDeepStrictEqual(actual, expected), expected, actual, leftOut: run.leftOut };
}

function payloadOf(message: unknown): Uint8Array {
  return Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
}

type ExpectedOutcome = NonNullable<RuleTest['outcomes']>[number];

/** An outcome as briefly as the test says it, if it is that one; else with all that there is to know. */
function asBriefAs(expected: ExpectedOutcome | undefined, { outcome, reason, detail }: DryRunOutcome): unknown {
  const wanted =
    typeof expected === 'object'
      ? expected.outcome === outcome && (expected.reason ?? reason) === reason
      : expected === outcome;
  if (wanted) return expected;
  return reason === undefined ? outcome : { outcome, reason, detail };
}
