import { Command } from 'commander';
import { from, lastValueFrom, mergeMap } from 'rxjs';
import { exitCodes, messageOf, UnreachableError } from '../../core/errors.ts';
import type { ReplayAnswer } from '../../sources/jetstream/replay-answer.ts';
import { onStopSignal } from '../stop-signal.ts';
import { printPreview } from './preview.ts';
import { showProgress } from './progress.ts';
import { Replayer, type Target } from './replayer.ts';
import { checkSelection, selectedLetters, type TargetOptions, withTargets } from './selection.ts';
import { type Session, withSession } from './session.ts';
import { Tally } from './tally.ts';

interface ReplayOptions extends TargetOptions {
  readonly dryRun?: true;
  readonly json?: true;
  readonly rules?: string;
}

/** `dead-letters replay`. */
export function replayCommand(): Command {
  return withTargets(new Command('replay'))
    .description(
      'Sends letters through their syncs again, as the rules are now. A letter goes when it was sent, or is not wanted ' +
        'any more; one that fails again stays, with its history. The engine that runs the sync does it, or, if none ' +
        'runs, this process.',
    )
    .option('--dry-run', 'tell what would be replayed, and what the rules would make of it now')
    .option('--rules <dir>', 'folder of the rule files, for --dry-run and where no engine runs (SLUICE_RULES)')
    .option('--json', 'end with one JSON line: what became of the letters')
    .addHelpText(
      'after',
      `
Examples:
  sluice dead-letters replay --sync purchases --reason filter_error --dry-run
  sluice dead-letters replay --sync purchases --since 3d
  sluice dead-letters replay 17 18

It ends with 0 if every letter was settled, 1 if some failed again, 3 if a sync cannot be reached.`,
    )
    .action((numbers: readonly number[], options: ReplayOptions) =>
      withSession((session) => replay(session, numbers, options)),
    );
}

async function replay(
  session: Session,
  numbers: readonly number[],
  { dryRun, json, rules, ...selection }: ReplayOptions,
): Promise<void> {
  const { connection, letters, settings } = session;
  const folder = rules ?? settings.rules;
  await checkSelection(connection, letters.stream, selection, folder);
  const selected = selectedLetters(connection, letters, numbers, selection);
  if (dryRun === true) {
    await printPreview(session, selected, folder, json === true);
    return;
  }
  // The numbers alone, so that a million letters are some tens of megabytes.
  const targets: Target[] = [];
  for await (const { letter, sync } of selected) targets.push({ letter, sync });
  const tally = new Tally(targets.length);
  const unreachable = await replayAll(session, targets, folder, tally);

  process.stderr.write(tally.faultsText());
  process.stdout.write(json === true ? `${JSON.stringify(tally.json())}\n` : tally.text());
  if (unreachable.length > 0) throw new UnreachableError(unreachable.join('\n'));
  if (tally.failed > 0 || tally.left > 0) process.exitCode = exitCodes.invalid;
}

/** More than an engine takes in at once, so that it never waits for us. */
const mostAsked = 600;
/** How long answers are waited for after an interrupt. */
const graceMs = 5_000;

/** Answers with why syncs could not be reached. */
async function replayAll(
  session: Session,
  targets: readonly Target[],
  rules: string,
  tally: Tally,
): Promise<readonly string[]> {
  const replayer = new Replayer(session, rules);
  const interrupted = new AbortController();
  /** Fires when nothing more is waited for. */
  const over = new AbortController();
  const forget = onStopSignal(() => {
    interrupted.abort();
    void replayer.stop();
    setTimeout(() => over.abort(), graceMs).unref();
  });
  const progress = showProgress(
    () => `${tally.settled} of ${tally.selected} letters`,
    () => replayer.troubles(),
  );
  /** By sync. */
  const unreachable = new Map<string, string>();
  const one = async (target: Target): Promise<void> => {
    const { letter, sync } = target;
    let answer: ReplayAnswer = { kind: 'returned' };
    try {
      if (!interrupted.signal.aborted && !unreachable.has(sync)) answer = await replayer.replay(target, over.signal);
    } catch (error) {
      unreachable.set(sync, messageOf(error));
    }
    tally.add(letter, answer);
  };
  try {
    await lastValueFrom(from(targets).pipe(mergeMap(one, mostAsked)), { defaultValue: undefined });
  } finally {
    progress.stop();
    await replayer.stop();
    forget();
  }
  return [...new Set(unreachable.values())];
}
