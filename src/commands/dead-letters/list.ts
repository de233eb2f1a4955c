import { Command, InvalidArgumentError } from 'commander';
import type { LetterHead } from '../../sources/jetstream/dead-letter.ts';
import { walkLetters } from '../../sources/jetstream/dead-letter-walk.ts';
import { bytesText, letterJson, lettersText, printable, table, timeText } from './format.ts';
import { checkSelection, type SelectionOptions, withSelection } from './selection.ts';
import { type Session, withSession } from './session.ts';

interface ListOptions extends SelectionOptions {
  readonly limit: number;
  readonly json?: true;
  readonly rules?: string;
}

/** `dead-letters list`. */
export function listCommand(): Command {
  return withSelection(new Command('list'))
    .description('Counts the letters by sync and reason, and shows the newest.')
    .option('--limit <n>', 'how many of the newest to show', readLimit, 20)
    .option('--rules <dir>', 'folder of the rule files (SLUICE_RULES)')
    .option('--json', 'NDJSON: a line for each count ("kind":"count"), then one for each letter ("kind":"letter")')
    .addHelpText(
      'after',
      `
Examples:
  sluice dead-letters list
  sluice dead-letters list --sync purchases --reason rejected --since 2h
  sluice dead-letters list --json --limit 1000 | jq -r 'select(.kind == "letter").detail' | sort | uniq -c`,
    )
    .action((options: ListOptions) => withSession((session) => list(session, options)));
}

async function list(
  { connection, letters, settings }: Session,
  { limit, json, rules, ...selection }: ListOptions,
): Promise<void> {
  await checkSelection(connection, letters.stream, selection, rules ?? settings.rules);
  const found = await summarise(walkLetters(connection, letters.stream, selection), limit);
  process.stdout.write(json === true ? ndjson(found) : page(letters.stream, found));
}

interface Count {
  readonly sync: string;
  readonly reason: string;
  letters: number;
  bytes: number;
  oldest: number;
  newest: number;
}

interface Found {
  readonly counts: readonly Count[];
  /** The newest first. */
  readonly newest: readonly LetterHead[];
}

/** Holds the counts and the newest letters, however many there are. */
async function summarise(letters: AsyncIterable<LetterHead>, limit: number): Promise<Found> {
  const counts = new Map<string, Count>();
  let newest: LetterHead[] = [];
  for await (const letter of letters) {
    const { sync, reason, bytes, failedAt } = letter;
    const key = `${sync} ${reason}`;
    const count = counts.get(key) ?? { sync, reason, letters: 0, bytes: 0, oldest: failedAt, newest: failedAt };
    count.letters++;
    count.bytes += bytes;
    count.newest = failedAt;
    counts.set(key, count);
    newest.push(letter);
    if (newest.length > 2 * limit) newest = newest.slice(-limit);
  }
  const byNumber = [...counts.values()].sort((one, other) => other.letters - one.letters);
  return { counts: byNumber, newest: limit === 0 ? [] : newest.slice(-limit).toReversed() };
}

function ndjson({ counts, newest }: Found): string {
  const lines = [
    ...counts.map((count) => ({
      kind: 'count',
      ...count,
      oldest: new Date(count.oldest).toISOString(),
      newest: new Date(count.newest).toISOString(),
    })),
    ...newest.map((letter) => ({ kind: 'letter', ...letterJson(letter) })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function page(stream: string, { counts, newest }: Found): string {
  const total = counts.reduce((sum, { letters }) => sum + letters, 0);
  if (total === 0) return `No such letters in ${stream}.\n`;
  const bytes = counts.reduce((sum, count) => sum + count.bytes, 0);
  const summary = table([
    ['SYNC', 'REASON', 'LETTERS', 'OLDEST', 'NEWEST'],
    ...counts.map((count) => [
      printable(count.sync),
      count.reason,
      String(count.letters),
      timeText(count.oldest),
      timeText(count.newest),
    ]),
  ]);
  const head = `${lettersText(total)} in ${stream}, ${bytesText(bytes)}\n\n${summary}`;
  if (newest.length === 0) return head;
  const rows = table([
    ['SEQ', 'FAILED', 'SYNC', 'REASON', 'SENT', 'REPLAYED', 'DETAIL'],
    ...newest.map((letter) => [
      String(letter.letter),
      timeText(letter.failedAt),
      printable(letter.sync),
      letter.reason,
      String(letter.attempts),
      String(letter.replays),
      shortened(printable(letter.detail)),
    ]),
  ]);
  return `${head}\nThe newest${total > newest.length ? ` ${newest.length}` : ''}, from the latest:\n\n${rows}`;
}

const detailWidth = 100;

function shortened(text: string): string {
  return text.length <= detailWidth ? text : `${text.slice(0, detailWidth - 1)}…`;
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit > 100_000) throw new InvalidArgumentError('Expected a number from 0 to 100000.');
  return limit;
}
