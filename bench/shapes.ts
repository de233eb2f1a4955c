/** What kinds of events cost: larger ones, some of which the sync selects by type, several of them in a message. */
import { openBench } from './command-line.ts';
import { summarise } from './harness.ts';
import { costOf, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { type Workload, workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'shapes',
  'What an event costs by its size, by the share of events that the sync selects, and by how many a message holds.',
  {
    events: { default: 100_000, quick: 15_000, help: 'how many events of each kind' },
    rounds: { default: 5, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    ...workloadFlags,
    ...deliveryFlags,
  },
);

const workload = workloadOf(flags);
const all = { name: 'as given by the flags', workload };
const packed = { name: '50 events a message', workload: { ...workload, perMessage: 50 } };
const more: readonly { readonly name: string; readonly workload: Workload }[] = [
  { name: '50 % selected by type', workload: { ...workload, passShare: 0.5 } },
  { name: '3,000 bytes', workload: { ...workload, size: 3_000 } },
  { name: '10,000 bytes', workload: { ...workload, size: 10_000 } },
  { name: '10 events a message', workload: { ...workload, perMessage: 10 } },
  { name: '5 % selected by type', workload: { ...workload, passShare: 0.05 } },
  { name: '50 events a message, 5 % selected by type', workload: { ...workload, perMessage: 50, passShare: 0.05 } },
];

await using rig = await startRig({ latencyMs: flags.latency, workload, delivery: flags });
const kinds = [all, packed, ...(quick ? [] : more)].map((kind, i) => ({
  ...kind,
  stream: `KIND_${i}`,
  bytes: 0,
  costs: [] as ReturnType<typeof costOf>[],
}));
for (const kind of kinds)
  kind.bytes = await rig.fill(kind.stream, flags.events, { workload: kind.workload, onProgress: progress });
const idle = await rig.idle({}, quick ? 1 : 3);
for (let round = 0; round < flags.rounds; round++) {
  for (const { name, stream, workload: own, costs } of kinds) {
    progress(`round ${round + 1} of ${flags.rounds}: ${name}`);
    const used = await rig.run({ stream, name: `${stream}-${round}`, workload: own });
    costs.push(costOf(used, idle));
  }
}

const rows = kinds.map(({ name, bytes, costs }) => {
  const cpu = summarise(
    name,
    costs.map(({ cpuMicros }) => cpuMicros),
  );
  const server = summarise(
    name,
    costs.map(({ serverCpuMicros }) => serverCpuMicros),
  );
  const ratio = summarise(
    name,
    costs.map(({ cpuMicros }, round) => cpuMicros / (kinds[0]?.costs[round]?.cpuMicros ?? Number.NaN)),
  );
  return { name, ratio, cells: [bytes, cpu, ratio, server] };
});
report(
  {
    tables: [
      {
        title: `CPU in µs for each of ${flags.events.toLocaleString('en')} events in the stream: median of ${flags.rounds} rounds (least-most)`,
        columns: ['events', 'bytes each', 'CPU', 'ratio to the first', 'CPU of the nats-server'],
        rows,
      },
    ],
    reading: [
      `With 50 events a message an event costs ${((rows[1]?.ratio.median ?? Number.NaN) * 100).toFixed(0)} % of what it does by itself.`,
    ],
  },
  { natsServer: rig.natsVersion },
);
