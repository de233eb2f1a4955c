import { Command } from 'commander';
import { ConfigError } from '../../core/errors.ts';
import { isRecord } from '../../core/event.ts';
import type { StoredLetter } from '../../sources/jetstream/dead-letter.ts';
import { readLetterNumber } from './arguments.ts';
import { letterJson, printable, table } from './format.ts';
import { type Session, withSession } from './session.ts';

interface ShowOptions {
  readonly raw?: true;
  readonly json?: true;
}

/** `dead-letters show`. */
export function showCommand(): Command {
  return new Command('show')
    .description('Shows one letter: why it is there, where it came from, and its payload.')
    .argument('<seq>', 'the number of the letter, as `list` shows it', readLetterNumber)
    .option('--raw', 'the bytes of the payload alone, exactly as they came')
    .option('--json', 'one JSON line; the payload as `text`, or as `base64` if it is not UTF-8')
    .addHelpText(
      'after',
      `
Examples:
  sluice dead-letters show 17
  sluice dead-letters show 17 --raw | sluice try rules/purchases.yaml --events -`,
    )
    .action((number: number, options: ShowOptions) => withSession((session) => show(session, number, options)));
}

async function show({ letters }: Session, number: number, { raw, json }: ShowOptions): Promise<void> {
  const letter = await letters.get(number);
  if (letter === undefined) {
    throw new ConfigError(`there is no letter ${number} in ${letters.stream}; see \`sluice dead-letters list\``);
  }
  const payload = await letters.payloadOf(letter);
  if (raw === true) {
    if (payload === undefined) throw new ConfigError(gone(letter));
    process.stdout.write(payload);
  } else if (json === true) {
    process.stdout.write(`${JSON.stringify({ ...letterJson(letter), payload: payloadJson(payload) })}\n`);
  } else {
    process.stdout.write(`${fields(letter)}\n${payload === undefined ? gone(letter) : pretty(payload)}\n`);
  }
}

function gone({ letter, sequence, stream }: StoredLetter): string {
  return `The payload of letter ${letter} was too large for a letter, and message ${sequence} of ${stream}, which had it, is gone.`;
}

function fields(letter: StoredLetter): string {
  const { events, index, attempts, replays, accepted } = letter;
  const time = (millis: number): string => new Date(millis).toISOString();
  const rows: [name: string, value: string][] = [
    ['letter', String(letter.letter)],
    ['sync', letter.sync],
    ['reason', letter.reason],
    ['detail', letter.detail],
    ['sent', `${attempts} times`],
    ['failed', time(letter.failedAt)],
    ['came from', `message ${letter.sequence} of ${letter.stream}, subject ${letter.subject}`],
    ['stored there', time(letter.storedAt)],
  ];
  if (events > 1) rows.push(['event', `${index + 1} of ${events}`]);
  if (replays > 0) rows.push(['replayed', `${replays} times, failed first ${time(letter.firstFailedAt)}`]);
  if (accepted === 'event') rows.push(['accepted', 'the event itself; what failed is the update of its user']);
  if (accepted === 'update') rows.push(['accepted', 'the update of its user; what failed is the event itself']);
  return table(rows.map(([name, value]) => [name, printable(value)]));
}

/** Indented if it is JSON, with keys that are not meant to be read over a shoulder masked; else as text. */
function pretty(payload: Uint8Array): string {
  const text = new TextDecoder().decode(payload);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return printable(text);
  }
  // A number that JavaScript cannot hold would be shown as another one; `--raw` has the digits.
  return printable(JSON.stringify(isRecord(value) ? masked(value) : value, null, 2));
}

/** A body of the HTTP V2 API holds the key of the Amplitude project: amplitude.com/docs/apis/analytics/http-v2. */
function masked(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.hasOwn(value, 'api_key') ? { ...value, api_key: '[redacted]' } : value;
}

function payloadJson(payload: Uint8Array | undefined) {
  if (payload === undefined) return null;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload) };
  } catch {
    return { base64: Buffer.from(payload).toString('base64') };
  }
}
