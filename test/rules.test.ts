import { describe, expect, test } from 'vitest';
import { loadSyncForDryRun } from '../src/syncs/load.ts';
import { findRuleFiles } from '../src/syncs/rule-files.ts';
import { readTestFile } from '../src/syncs/test-file.ts';
import { findTestFiles } from '../src/syncs/test-files.ts';
import { runTest } from '../src/syncs/test-run.ts';

const testFiles = await Promise.all((await findTestFiles(['rules'])).map(readTestFile));

test('every rule has tests', async () => {
  expect(testFiles.map(({ rule }) => rule)).toEqual(await findRuleFiles(['rules']));
});

describe.each(testFiles)('$rule', ({ rule, env, tests }) => {
  test.each(tests)('$name', async (ruleTest) => {
    const { expected, actual, leftOut } = await runTest(await loadSyncForDryRun(rule, env), ruleTest);
    expect(actual, `computed properties that failed: ${leftOut.join(', ')}`).toStrictEqual(expected);
  });
});
