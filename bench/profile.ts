/**
 * Where the CPU of the engine goes, by the stages of an event's trip. `node --cpu-prof` samples where the thread is, and
 * counts time in which the machine was busy with others too; so only the shares are its, and the CPU is divided by them.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBench } from './command-line.ts';
import { summarise } from './harness.ts';
import { costOf, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { type CpuProfile, timeByStage } from './stages.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'profile',
  'Where the CPU of the engine goes, stage by stage, as a CPU profile samples it.',
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
progress('what a start costs');
const idle = await rig.idle({ sendUsers: flags['send-users'] }, quick ? 1 : 3);
const rounds: { readonly cpuMicros: number; readonly shares: ReadonlyMap<string, number> }[] = [];
for (let round = 0; round < flags.rounds; round++) {
  progress(`round ${round + 1} of ${flags.rounds}`);
  rounds.push(await profiled(`profile-${round}`));
}
const rows = [...(rounds[0]?.shares.keys() ?? [])].map((stage) => {
  const share = summarise(
    stage,
    rounds.map(({ shares }) => 100 * (shares.get(stage) ?? 0)),
  );
  const cpu = summarise(
    stage,
    rounds.map(({ shares, cpuMicros }) => cpuMicros * (shares.get(stage) ?? 0)),
  );
  return { name: stage, share, cells: [cpu, share] };
});
const [first, second, third] = rows.toSorted((a, b) => b.share.median - a.share.median);
report(
  {
    tables: [
      {
        title: `CPU for each of ${flags.events.toLocaleString('en')} events of ${bytes} bytes: median (least-most)`,
        columns: ['stage', 'µs an event', '% of all'],
        rows,
      },
    ],
    reading: [
      `Most of it goes to: ${[first, second, third].map((row) => `${row?.name} (${row?.share.median.toFixed(0)} %)`).join(', ')}.`,
      'The profile itself costs some, and what threads beside the main one do is spread over the stages.',
    ],
  },
  { natsServer: rig.natsVersion },
);

async function profiled(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-profile-'));
  try {
    const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const used = await rig.run({ stream: 'EVENTS', name, sendUsers: flags['send-users'], nodeArgs });
    const [file = ''] = await readdir(folder);
    const times = timeByStage(JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile);
    const total = [...times.values()].reduce((sum, time) => sum + time, 0);
    return { ...costOf(used, idle), shares: new Map([...times].map(([stage, time]) => [stage, time / total])) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
