import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { ConfigError, messageOf } from '../core/errors.ts';
import { copyEnvironment } from '../settings.ts';
import { dryRun } from '../syncs/dry-run.ts';
import { loadSyncForDryRun } from '../syncs/load.ts';

interface TryOptions {
  readonly events: string;
  readonly outcomes?: true;
}

/** `try`: what a sync would send, with no network. */
export function tryCommand(): Command {
  return new Command('try')
    .description('Runs one sync over events with no network and prints the requests that the destination would get.')
    .argument('<sync.yaml>', 'the rule file')
    .requiredOption(
      '--events <file>',
      'messages as NDJSON, one a line: an event, a list, or a body with events; - is stdin',
    )
    .option('--outcomes', 'print what became of each event instead, one JSON object a line')
    .addHelpText(
      'after',
      `
Example:
  echo '{"event_type":"Purchase","user_id":"u-1","event_properties":{"price":2}}' \\
    | sluice try rules/purchases.yaml --events -`,
    )
    .action(tryOut);
}

async function tryOut(file: string, { events, outcomes }: TryOptions): Promise<void> {
  const sync = await loadSyncForDryRun(file, copyEnvironment());
  const run = await dryRun(sync, await readLines(events));
  const lines = outcomes === true ? run.outcomes.map((outcome) => JSON.stringify(outcome)) : run.requests;
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  for (const [code, count] of countsOf(run.leftOut)) {
    process.stderr.write(
      `${count} computed ${count === 1 ? 'property' : 'properties'} left out: JSONata error ${code}\n`,
    );
  }
}

/** The lines that are not blank, as bytes: a line need not be text to be a message. */
async function readLines(source: string): Promise<Uint8Array[]> {
  const bytes = await read(source);
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const line = bytes.subarray(start, end);
    if (line.some((byte) => byte > 0x20)) lines.push(line);
    start = end + 1;
  }
  return lines;
}

async function read(source: string): Promise<Buffer> {
  if (source === '-') return await buffer(process.stdin);
  try {
    return await readFile(source);
  } catch (error) {
    throw new ConfigError(`the events cannot be read: ${messageOf(error)}; name a file, or - for stdin`, {
      cause: error,
    });
  }
}

function countsOf(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
