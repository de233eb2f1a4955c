/**
 * Runs the benches in turn, each as a process of its own, and after a full run, or with --write, writes what they found to
 * `results.md`.
 *
 * npm run bench [-- --quick] [--json] [--write] [NAME…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { machineLine, markdownOf, type Report, textOf } from './report.ts';

/** What `--quick` leaves out, unless it is named: what shows growth or patience, and needs its time for that. */
const long = ['users', 'profile', 'shapes', 'syncs', 'growth', 'gateway-stalled', 'limits', 'dead-endpoint'];
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
  const seconds = Math.round((performance.now() - start) / 1_000);
  reports.push(found);
  if (!json) console.log(`\n${[name, ...args].join(' ')}, in ${seconds} s\n\n${textOf(found)}`);
}
if (json) console.log(JSON.stringify(reports));
// What was measured in a hurry, or in part, takes the place of nothing unless that is asked for.
if (write || (!quick && names.length === 0)) await writeFile(join(import.meta.dirname, 'results.md'), pageOf(reports));

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
  --write  write bench/results.md also of a part
  --json   one JSON document of all reports instead of text

Each bench has flags of its own: node bench/NAME.ts --help. Example:
  npm run bench -- --quick filter pipeline`;
}

async function run(name: string, args: readonly string[]): Promise<Report> {
  const file = join(import.meta.dirname, `${name}.ts`);
  const bench = spawn(process.execPath, [file, '--json', ...(quick ? ['--quick'] : []), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(bench.stdout), once(bench, 'exit')]);
  if (bench.exitCode !== 0) throw new Error(`the bench ${name} ended with ${bench.exitCode ?? bench.signalCode}`);
  return JSON.parse(printed) as Report;
}

/** The page of results. */
function pageOf(found: readonly Report[]): string {
  const server = found.find(({ machine }) => machine.natsServer !== undefined);
  const [first, last] = [server ?? found[0], found.at(-1)];
  if (first === undefined || last === undefined) return '';
  const head = `# Results of the benches

Written by \`npm run bench\`, never by hand. ${machineLine(first.machine)}; ${last.date.slice(0, 10)}.

CPU is that of the process, user and system. A figure is the median of its rounds, with the least and the most beside it;
contenders take turns within a round. [Performance](../docs/performance.md) says what follows from them.`;
  return `${[head, ...found.map(markdownOf)].join('\n\n')}\n`;
}
