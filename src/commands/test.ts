import { Command } from 'commander';
import { ConfigError, exitCodes } from '../core/errors.ts';
import { readSettings } from '../settings.ts';
import { loadSyncForDryRun } from '../syncs/load.ts';
import { readTestFile } from '../syncs/test-file.ts';
import { findTestFiles } from '../syncs/test-files.ts';
import { runTest } from '../syncs/test-run.ts';
import { countTests, type FileReport, formatReport, formatSummary, isPassed } from './test-report.ts';

/** `sluice test [PATH…]`: runs the tests beside the rules. Exit code 1 when one fails or cannot be run. */
export function testCommand(): Command {
  return new Command('test')
    .description('Runs the tests beside the rules (*.test.yaml), with no network.')
    .argument('[path...]', 'rules, their tests, or folders that hold them (default: SLUICE_RULES)')
    .option('--json', 'print one JSON object instead of text')
    .action(async (paths: readonly string[], { json }: { readonly json?: true }) => {
      const reports: FileReport[] = [];
      for (const file of await findTestFiles(paths.length > 0 ? paths : [readSettings().rules])) {
        const report = await reportOn(file);
        reports.push(report);
        if (json !== true) process.stdout.write(formatReport(report));
      }
      const whole = { ...countTests(reports), files: reports };
      process.stdout.write(json === true ? `${JSON.stringify(whole)}\n` : formatSummary(reports));
      if (!reports.every(isPassed)) process.exitCode = exitCodes.invalid;
    });
}

/** Runs the tests of one file. What is wrong with it, or with its rule, is reported and never thrown. */
async function reportOn(file: string): Promise<FileReport> {
  try {
    const { rule, env, tests } = await readTestFile(file);
    const sync = await loadSyncForDryRun(rule, env);
    const runs: FileReport['tests'][number][] = [];
    for (const test of tests) runs.push({ name: test.name, ...(await runTest(sync, test)) });
    return { file, tests: runs };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { file, problem: error.message, tests: [] };
  }
}
