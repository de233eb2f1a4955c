import { styleText } from 'node:util';
import { Command } from 'commander';
import { exitCodes, UsageError } from '../core/errors.ts';
import { copyEnvironment, readSettings } from '../settings.ts';
import { type Loaded, loadSyncs } from '../syncs/load.ts';
import { formatProblem, type Problem } from '../syncs/problems.ts';
import { subjectsOf } from '../syncs/subjects.ts';
import type { Sync } from '../syncs/sync.ts';

/** `sluice check`: tells all that is wrong with rules, without a network and without their secrets. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Validate rules: each problem as file:line:col: path: message. Exit 1 if there is any.')
    .argument('[path...]', 'rule files, or folders of rules (default: the folder that SLUICE_RULES names, rules)')
    .option('--json', 'one JSON object a problem, warnings included: file, line, col, path, message, severity')
    .action(async (paths: string[], { json = false }: { json?: boolean }) => {
      const env = copyEnvironment();
      const asked = paths.length > 0 ? paths : [readSettings(env).rules];
      // A check runs where the secrets are not; a variable that is not set is no fault of the rules.
      const loaded = await loadSyncs(asked, { env, missingEnv: 'placeholder' });
      if (loaded.files.length === 0) throw new UsageError(`there is no rule file in ${asked.join(', ')}`);
      for (const problem of loaded.problems) print(problem, json);
      if (!json) for (const sync of loaded.syncs) process.stderr.write(subjectsText(sync));
      process.stderr.write(`${summary(loaded)}\n`);
      if (count(loaded, 'error') > 0) process.exitCode = exitCodes.invalid;
    });
}

/** Errors go to stdout, which is therefore empty when all is well; warnings to stderr. */
function print(problem: Problem, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(problem)}\n`);
  else if (problem.severity === 'error') process.stdout.write(`${coloured(problem, 'red', process.stdout)}\n`);
  else
    process.stderr.write(
      `${coloured({ ...problem, message: `warning: ${problem.message}` }, 'yellow', process.stderr)}\n`,
    );
}

/** What a sync asks its stream for, where that is not what its file says. */
function subjectsText(sync: Sync): string {
  const { all, selected, because } = subjectsOf(sync);
  if (selected !== undefined) return `${sync.file}: source.subjects: reads ${selected.join(', ')}\n`;
  return because === undefined ? '' : `${sync.file}: source.subjects: reads ${all}, since ${because}\n`;
}

/** Colours the place, if the stream is a terminal that wants colour. */
function coloured(problem: Problem, colour: 'red' | 'yellow', stream: NodeJS.WriteStream): string {
  const line = formatProblem(problem);
  const place = line.slice(0, line.indexOf(': ') + 1);
  return styleText(colour, place, { stream }) + line.slice(place.length);
}

function summary(loaded: Loaded): string {
  const parts = [
    plural(loaded.files.length, 'rule'),
    plural(count(loaded, 'error'), 'error'),
    plural(count(loaded, 'warning'), 'warning'),
  ];
  const unset = loaded.unset.length === 0 ? '' : `; to run them, set ${loaded.unset.join(', ')}`;
  return parts.join(', ') + unset;
}

function count({ problems }: Loaded, severity: Problem['severity']): number {
  return problems.filter((problem) => problem.severity === severity).length;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
