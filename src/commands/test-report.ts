import { diff, isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { Observation, TestRun } from '../syncs/test-run.ts';

/** What became of the tests of one file. */
export interface FileReport {
  readonly file: string;
  /** Why the tests could not be run. */
  readonly problem?: string;
  readonly tests: readonly (TestRun & { readonly name: string })[];
}

export function isPassed({ problem, tests }: FileReport): boolean {
  return problem === undefined && tests.every(({ passed }) => passed);
}

/** How many tests passed and failed, over all files. */
export function countTests(reports: readonly FileReport[]): { readonly passed: number; readonly failed: number } {
  const tests = reports.flatMap((report) => report.tests);
  const passed = tests.filter((test) => test.passed).length;
  return { passed, failed: tests.length - passed };
}

/** The last line that people read. */
export function formatSummary(reports: readonly FileReport[]): string {
  const { passed, failed } = countTests(reports);
  const broken = reports.filter(({ problem }) => problem !== undefined).length;
  const unrun = broken === 0 ? '' : `, ${broken} ${broken === 1 ? 'file' : 'files'} could not be run`;
  return `${passed} passed, ${failed} failed${unrun}\n`;
}

/** The report as people read it: a line a test, and under one that failed how the two sides differ. */
export function formatReport({ file, problem, tests }: FileReport): string {
  const lines = [file, ...(problem?.split('\n').map((line) => `  ${line}`) ?? [])];
  for (const { name, passed, expected, actual, leftOut } of tests) {
    lines.push(`  ${passed ? 'pass' : 'FAIL'}  ${name}`);
    if (!passed) lines.push(...differences(expected, actual, leftOut).map((line) => `        ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function differences(expected: Observation, actual: Observation, leftOut: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of ['requests', 'outcomes'] as const) {
    if (isDeepStrictEqual(expected[part], actual[part])) continue;
    lines.push(
      `${part} (- expected, + actual):`,
      ...lineDifference(yamlLines(expected[part]), yamlLines(actual[part])),
    );
  }
  if (leftOut.length > 0) lines.push(`computed properties that failed: ${leftOut.join(', ')}`);
  return lines;
}

function lineDifference(expected: readonly string[], actual: readonly string[]): string[] {
  return diff(expected, actual).map(([operation, line]) => `${marks[operation]} ${line}`);
}

// Node calls the first side the inserted one (nodejs.org/api/util.html#utildiffactual-expected).
const marks = { 1: '-', 0: ' ', [-1]: '+' } as const;

/** As the test file would say it. The order of keys means nothing in JSON, so it must not show as a difference. */
function yamlLines(value: unknown): string[] {
  return stringify(value, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
}
