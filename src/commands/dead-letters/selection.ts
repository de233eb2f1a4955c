import { type Command, Option } from 'commander';
import { ConfigError, UsageError } from '../../core/errors.ts';
import type { DiscardReason } from '../../core/message.ts';
import { suggest } from '../../core/suggest.ts';
import type { Connection } from '../../sources/jetstream/consumer.ts';
import { discardReasons, type LetterHead } from '../../sources/jetstream/dead-letter.ts';
import type { DeadLetterStore } from '../../sources/jetstream/dead-letter-store.ts';
import { countLetters, type LetterSelection, walkLetters } from '../../sources/jetstream/dead-letter-walk.ts';
import { copyEnvironment } from '../../settings.ts';
import { loadSyncs } from '../../syncs/load.ts';
import { readLetterNumber, readMoment } from './arguments.ts';

export interface SelectionOptions {
  readonly sync?: string;
  readonly reason?: DiscardReason;
  readonly since?: number;
  readonly until?: number;
}

/** Adds the options that say which letters are meant. */
export function withSelection(command: Command): Command {
  return command
    .option('--sync <name>', 'letters of this sync')
    .addOption(new Option('--reason <reason>', 'letters for this reason').choices(discardReasons))
    .option('--since <time>', 'that failed at this time or later: 2h or 3d ago, or ISO 8601', (text) =>
      readMoment(text),
    )
    .option('--until <time>', 'that failed before this time', (text) => readMoment(text));
}

/** Adds numbers of letters, and `--all`: what changes something has to be told what. */
export function withTargets(command: Command): Command {
  return withSelection(
    command.argument('[seq...]', 'the numbers of letters, as `list` shows them', readNumbers),
  ).option('--all', 'all letters');
}

export interface TargetOptions extends SelectionOptions {
  readonly all?: true;
}

/** The letters that are meant, oldest first, without their payloads. */
export async function* selectedLetters(
  connection: Connection,
  letters: DeadLetterStore,
  numbers: readonly number[],
  { all, ...selection }: TargetOptions,
): AsyncIterable<LetterHead> {
  const isNarrowed = Object.keys(selection).length > 0;
  if ([numbers.length > 0, isNarrowed, all === true].filter(Boolean).length !== 1) {
    throw new UsageError(
      'say which letters: their numbers, or some of --sync, --reason, --since and --until, or --all for all of them',
    );
  }
  if (numbers.length === 0) yield* walkLetters(connection, letters.stream, selection);
  for (const number of numbers) {
    const letter = await letters.get(number);
    if (letter === undefined) throw new ConfigError(`there is no letter ${number} in ${letters.stream}`);
    yield letter;
  }
}

/** Throws for a selection that can never hold, and for a sync that neither has letters nor a rule. */
export async function checkSelection(
  connection: Connection,
  stream: string,
  { sync, since, until }: LetterSelection,
  rules: string,
): Promise<void> {
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UsageError(
      `--since ${new Date(since).toISOString()} is not before --until ${new Date(until).toISOString()}`,
    );
  }
  if (sync === undefined) return;
  const counts = await countLetters(connection, stream);
  if (counts.some((count) => count.sync === sync)) return;
  const names = await namesIn(rules);
  if (names.includes(sync)) return;
  const known = [...new Set([...counts.map((count) => count.sync), ...names])].sort();
  const meant = suggest(sync, known);
  throw new ConfigError(
    `there is no sync ${JSON.stringify(sync)}: it has no letters, and no rule in ${rules} has this name; ` +
      (meant === undefined ? `there are ${known.join(', ') || 'none'}` : `did you mean ${meant}?`),
  );
}

async function namesIn(rules: string): Promise<readonly string[]> {
  try {
    const { syncs } = await loadSyncs(rules, { env: copyEnvironment(), missingEnv: 'placeholder' });
    return syncs.map(({ name }) => name);
  } catch {
    // Letters can be looked at where there are no rules.
    return [];
  }
}

function readNumbers(text: string, before: readonly number[] | undefined): readonly number[] {
  return [...(before ?? []), readLetterNumber(text)];
}
