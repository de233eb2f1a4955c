/**
 * Runs the benches in turn, each as a process of its own, and after a full run, or with --write, puts what they found into
 * `results.md`.
 *
 * npm run bench [-- --quick] [--json] [--write] [NAME…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Report, textOf } from './report.ts';
import { withReports } from './results.ts';

/** What `--quick` leaves out, unless it is named: what shows growth or patience, and needs its time for that. */
const long = ['users', 'profile', 'shapes', 'syncs', 'growth', 'gateway-stalled', 'stalled', 'limits', 'dead-endpoint'];
/** From the parts to the whole: the name of the file, and flags. */
const benches: readonly (readonly [string, ...string[]])[] = [
  ['filter'],
  ['project'],
  ['batch'],
  ['deliver'],
  ['pipeline'],
  ['users'],
  ['end-to-end'],
  ['end-to-end', '--latency', '30', '--packed', '0', '--events', '100000'],
  ['end-to-end', '--send-users', '--users', '2000', '--packed', '0'],
  ['profile'],
  ['latency'],
  ['shapes'],
  ['selective'],
  ['syncs'],
  ['growth'],
  ['gateway'],
  ['gateway-stalled'],
  ['stalled'],
  ['limits'],
  ['dead-endpoint'],
];

const { quick, json, write, names } = commandLine();
const reports: Report[] = [];
for (const [name, ...args] of benches) {
  if (names.length > 0 ? !names.includes(name) : quick && long.includes(name)) continue;
  // A second time with other flags is for those who have the time.
  if (quick && args.length > 0) continue;
  const start = performance.now();
  const found = await run(name, args);
  if (found === undefined) continue;
  const seconds = Math.round((performance.now() - start) / 1_000);
  reports.push(found);
  if (!json) console.log(`\n${[name, ...args].join(' ')}, in ${seconds} s\n\n${textOf(found)}`);
}
if (json) console.log(JSON.stringify(reports));
// What was measured in a hurry, or in part, takes the place of nothing unless that is asked for.
if (write || (!quick && names.length === 0)) {
  const page = join(import.meta.dirname, 'results.md');
  const order = [...new Set(benches.map(([name]) => name))];
  await writeFile(page, withReports(await readFile(page, 'utf8'), reports, order));
}

function commandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const known = [...new Set(benches.map(([name]) => name))];
    if (values.help) {
      console.log(helpOf(known));
      return process.exit(0);
    }
    const unknown = positionals.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(', ')}; there are ${known.join(', ')}`);
    return { ...values, names: positionals };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return process.exit(2);
  }
}

function helpOf(known: readonly string[]): string {
  return `Runs the benches in turn: ${known.join(', ')}.

Usage: npm run bench -- [--quick] [--json] [--write] [NAME…]

  --quick  short and rough, under two minutes in all, and without ${long.join(', ')}
           unless they are named; otherwise it takes some 50 minutes and writes bench/results.md
  --write  put the results of a part into bench/results.md
  --json   one JSON document of all reports instead of text

Each bench has flags of its own: node bench/NAME.ts --help. Example:
  npm run bench -- --quick filter pipeline`;
}

/** Undefined if the bench fails, which the exit code tells in the end: the others are not lost with it. */
async function run(name: string, args: readonly string[]): Promise<Report | undefined> {
  const file = join(import.meta.dirname, `${name}.ts`);
  const bench = spawn(process.execPath, [file, '--json', ...(quick ? ['--quick'] : []), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(bench.stdout), once(bench, 'exit')]);
  if (bench.exitCode !== 0) {
    console.error(`the bench ${name} ended with ${bench.exitCode ?? bench.signalCode}`);
    process.exitCode = 1;
    return undefined;
  }
  return JSON.parse(printed) as Report;
}
