/**
 * Proves that nothing is lost, on as many seeds as one likes. Exit 1 if a promise was broken.
 *
 * npm run test:chaos -- [--seeds 10] [--seed 1] [--events 6000] [--at-once 3] [--json]
 */
import { parseArgs } from 'node:util';
import { type ChaosReport, runChaos } from './chaos.ts';

const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    events: { type: 'string', default: '6000' },
    // A run waits most of the time.
    'at-once': { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const events = Number(flags.events);
const first = Number(flags.seed);
const seeds = Array.from({ length: Number(flags.seeds) }, (_, index) => first + index);
const reports: ChaosReport[] = [];
const waiting = [...seeds];
await Promise.all(Array.from({ length: Number(flags['at-once']) }, runNext));
if (!flags.json) tellSum();
if (reports.some(({ problems }) => problems.length > 0)) process.exitCode = 1;

/** Runs one seed after the other, until none is left. */
async function runNext(): Promise<void> {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    if (process.stderr.isTTY) process.stderr.write(`\rseed ${seed}, ${reports.length} of ${seeds.length} done …`);
    const report = await runChaos({ seed, events });
    reports.push(report);
    if (flags.json) console.log(JSON.stringify(report));
    else tell(report);
  }
}

function tell(report: ChaosReport): void {
  const { seed, problems, kills, serverKills, faults, arrived, duplicates, byKills, deadLetters, ms } = report;
  const clear = process.stderr.isTTY ? '\r\u001B[K' : '';
  console.log(
    `${clear}seed ${seed}: ${problems.length === 0 ? 'kept' : 'BROKEN'}; ${kills} kills of the engine, ` +
      `${serverKills} of the server, ${faults} faults; ${report.events} events, ${arrived} arrived, ` +
      `${duplicates} of them again, ${byKills} by kills, ${deadLetters} dead letters; ${(ms / 1_000).toFixed(1)} s`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) {
    console.log(`  logs: ${report.logs}`);
    console.log(`  again: npm run test:chaos -- --seeds 1 --seed ${seed} --events ${events}`);
  }
}

function tellSum(): void {
  const sum = (of: (report: ChaosReport) => number): number => reports.reduce((total, each) => total + of(each), 0);
  const kills = sum((each) => each.kills);
  const broken = reports.filter(({ problems }) => problems.length > 0).map(({ seed }) => seed);
  console.log(
    `${reports.length} seeds, ${broken.length === 0 ? 'all kept' : `broken: ${broken.join(', ')}`}; ` +
      `${kills} kills of the engine, ${sum((each) => each.serverKills)} of the server, ${sum((each) => each.faults)} ` +
      `faults, ${sum((each) => each.events)} events; ${sum((each) => each.duplicates)} sent again, ` +
      `${(sum((each) => each.byKills) / (kills || 1)).toFixed(0)} a kill, the others for lost answers`,
  );
  const kinds = [...new Set(reports.flatMap((report) => Object.keys(report.kinds)))].sort();
  console.log(kinds.map((kind) => `${kind} ${sum((each) => each.kinds[kind] ?? 0)}`).join(', '));
}
