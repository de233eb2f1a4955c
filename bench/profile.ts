/** Where the time of the engine's thread goes, by the stages of an event's trip, as `node --cpu-prof` samples it. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBench } from './command-line.ts';
import { summarise } from './harness.ts';
import { startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { type CpuProfile, timeByStage } from './stages.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, progress, report } = openBench(
  'profile',
  'Where the time of the engine’s thread goes, as a CPU profile samples it.',
  {
    events: { default: 300_000, quick: 20_000, help: 'how many events' },
    rounds: { default: 3, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    'send-users': { default: false, help: 'with Send Users' },
    ...workloadFlags,
    ...deliveryFlags,
  },
);

await using rig = await startRig({ latencyMs: flags.latency, workload: workloadOf(flags), delivery: flags });
const bytes = await rig.fill('EVENTS', flags.events, { onProgress: progress });
const rounds: ReadonlyMap<string, number>[] = [];
for (let round = 0; round < flags.rounds; round++) {
  progress(`round ${round + 1} of ${flags.rounds}`);
  rounds.push(await profiled(`profile-${round}`));
}
const totals = rounds.map((times) => [...times.values()].reduce((sum, time) => sum + time, 0));
const rows = [...(rounds[0]?.keys() ?? [])].map((stage) => {
  const per = rounds.map((times) => (times.get(stage) ?? 0) / flags.events);
  const shares = rounds.map((times, i) => (100 * (times.get(stage) ?? 0)) / (totals[i] ?? 1));
  return { name: stage, share: summarise(stage, shares), cells: [summarise(stage, per), summarise(stage, shares)] };
});
const [first, second, third] = rows.toSorted((a, b) => b.share.median - a.share.median);
report(
  {
    tables: [
      {
        title: `Time of the engine's thread for each of ${flags.events.toLocaleString('en')} events of ${bytes} bytes: median (least-most)`,
        columns: ['stage', 'µs an event', '% of all'],
        rows,
      },
    ],
    reading: [
      `Most of the time goes to: ${[first, second, third].map((row) => `${row?.name} (${row?.share.median.toFixed(0)} %)`).join(', ')}.`,
      'A profile tells the time of the main thread only, whatever else the machine does, so its sum is not the CPU of the process.',
    ],
  },
  { natsServer: rig.natsVersion },
);

async function profiled(name: string): Promise<ReadonlyMap<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-profile-'));
  try {
    const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    await rig.run({ stream: 'EVENTS', name, sendUsers: flags['send-users'], nodeArgs });
    const [file = ''] = await readdir(folder);
    return timeByStage(JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile);
  } finally {
    await rm(folder, { recursive: true });
  }
}
