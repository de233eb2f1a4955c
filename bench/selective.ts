/**
 * What a sync pays for events that it drops by type: by turns it selects all types, selects one that is a share of all
 * events, and has the stream send that one alone, by the subjects of the messages.
 */
import { openBench } from './command-line.ts';
import { summarise } from './harness.ts';
import { costOf, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'selective',
  'What a sync pays for events that it drops by type, itself or by the subjects of the stream.',
  {
    events: { default: 200_000, quick: 15_000, help: 'how many events are in the stream' },
    rounds: { default: 5, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    ...workloadFlags,
    'pass-share': { default: 0.05, help: workloadFlags['pass-share'].help },
    ...deliveryFlags,
  },
);

const workload = workloadOf(flags);
const contenders = [
  { name: 'all types pass', workload: { ...workload, passShare: 1 } },
  { name: 'dropped by the sync', workload },
  { name: 'dropped by the stream', workload, subjects: 'events.{type}' },
].map((contender) => ({ ...contender, costs: [] as ReturnType<typeof costOf>[], received: 0 }));

await using rig = await startRig({ latencyMs: flags.latency, workload, delivery: flags });
const bytes = await rig.fill('EVENTS', flags.events, { onProgress: progress });
const idle = await rig.idle({}, quick ? 1 : 3);
for (let round = 0; round < flags.rounds; round++) {
  for (const [i, contender] of contenders.entries()) {
    const { name, costs, received: _, ...options } = contender;
    progress(`round ${round + 1} of ${flags.rounds}: ${name}`);
    const used = await rig.run({ ...options, stream: 'EVENTS', name: `selective-${i}-${round}` });
    contender.received = used.received;
    // What the stream drops is an event too.
    costs.push(costOf({ ...used, received: flags.events }, idle));
  }
}

const rows = contenders.map(({ name, costs, received }) => {
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
    costs.map(({ cpuMicros }, round) => cpuMicros / (contenders[0]?.costs[round]?.cpuMicros ?? Number.NaN)),
  );
  return { name, ratio, cells: [received, cpu, ratio, server] };
});
report(
  {
    tables: [
      {
        title: `CPU in µs for each of ${flags.events.toLocaleString('en')} events of ${bytes} bytes in the stream: median of ${flags.rounds} rounds (least-most)`,
        columns: ['sync', 'received', 'CPU', 'ratio to the first', 'CPU of the nats-server'],
        rows,
      },
    ],
    reading: rows
      .slice(1)
      .map(
        ({ name, ratio }) =>
          `A sync of ${flags['pass-share'] * 100} % of the events costs ${(ratio.median * 100).toFixed(0)} % of the CPU of one of all, where the others are ${name}.`,
      ),
  },
  { natsServer: rig.natsVersion },
);
