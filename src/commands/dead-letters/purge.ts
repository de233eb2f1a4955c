import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { from, lastValueFrom, mergeMap } from 'rxjs';
import { UsageError } from '../../core/errors.ts';
import { lettersText, printable, table } from './format.ts';
import { showProgress } from './progress.ts';
import { checkSelection, selectedLetters, type TargetOptions, withTargets } from './selection.ts';
import { type Session, withSession } from './session.ts';

interface PurgeOptions extends TargetOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly rules?: string;
}

/** `dead-letters purge`. */
export function purgeCommand(): Command {
  return withTargets(new Command('purge'))
    .description('Removes letters for good. What they held is then lost, unless its stream still has it.')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'tell how many letters would be removed')
    .option('--rules <dir>', 'folder of the rule files (SLUICE_RULES)')
    .addHelpText(
      'after',
      `
Examples:
  sluice dead-letters purge --until 30d --dry-run
  sluice dead-letters purge --sync purchases --reason unresolved_identifier --yes`,
    )
    .action((numbers: readonly number[], options: PurgeOptions) =>
      withSession((session) => purge(session, numbers, options)),
    );
}

const mostAtOnce = 64;

async function purge(
  { connection, letters, settings }: Session,
  numbers: readonly number[],
  { yes, dryRun, rules, ...selection }: PurgeOptions,
): Promise<void> {
  await checkSelection(connection, letters.stream, selection, rules ?? settings.rules);
  const targets: number[] = [];
  const counts = new Map<string, number>();
  for await (const { letter, sync, reason } of selectedLetters(connection, letters, numbers, selection)) {
    targets.push(letter);
    counts.set(`${sync} ${reason}`, (counts.get(`${sync} ${reason}`) ?? 0) + 1);
  }
  const summary = table([...counts].map(([key, count]) => [...key.split(' ').map(printable), String(count)]));
  if (targets.length === 0 || dryRun === true) {
    process.stdout.write(`${lettersText(targets.length)} in ${letters.stream} would be removed\n${summary}`);
    return;
  }
  if (yes !== true && !(await isConfirmed(`${summary}Remove ${lettersText(targets.length)} for good? [y/N] `))) {
    process.stdout.write('Nothing was removed.\n');
    return;
  }
  let removed = 0;
  const progress = showProgress(() => `${removed} of ${targets.length} letters removed`);
  const remove = async (letter: number): Promise<void> => {
    await letters.remove(letter);
    removed++;
  };
  try {
    await lastValueFrom(from(targets).pipe(mergeMap(remove, mostAtOnce)), { defaultValue: undefined });
  } finally {
    progress.stop();
  }
  process.stdout.write(`${lettersText(removed)} removed\n`);
}

async function isConfirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('nothing was removed: say --yes where there is no terminal to ask on');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
