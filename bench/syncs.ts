/** What many syncs over one stream cost: each reads all of it, in one engine. */
import { openBench } from './command-line.ts';
import { type Measured, summarise } from './harness.ts';
import { costOf, startRig, type Used } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'syncs',
  'Many syncs over one stream, each of which reads all of it, in one engine as a process of its own.',
  {
    syncs: { default: [1, 10, 50], quick: [1, 10], help: 'how many syncs' },
    events: { default: 500_000, quick: 30_000, help: 'how many events all syncs together receive' },
    rounds: { default: 3, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    ...workloadFlags,
    ...deliveryFlags,
  },
);
/** How often a start and an end are measured. */
const starts = quick ? 1 : 3;

await using rig = await startRig({ latencyMs: flags.latency, workload: workloadOf(flags), delivery: flags });
const contenders: { syncs: number; stream: string; events: number; idle: Used; costs: ReturnType<typeof costOf>[] }[] =
  [];
for (const syncs of flags.syncs) {
  const stream = `EVENTS_${syncs}`;
  const events = Math.ceil(flags.events / syncs);
  await rig.fill(stream, events, { onProgress: progress });
  progress(`what the start of ${syncs} syncs costs`);
  contenders.push({ syncs, stream, events, idle: await rig.idle({ syncs }, starts), costs: [] });
}
for (let round = 0; round < flags.rounds; round++) {
  for (const { syncs, stream, events, idle, costs } of contenders) {
    progress(`round ${round + 1} of ${flags.rounds}: ${syncs} syncs`);
    const used = await rig.run({ stream, name: `round-${round}-${syncs}`, syncs });
    if (used.received !== events * syncs)
      throw new Error(`${syncs} syncs received ${used.received} events rather than ${events} each`);
    costs.push(costOf(used, idle));
  }
}

const rows = contenders.map(({ syncs, costs }) => {
  const of = (read: (cost: (typeof costs)[number]) => number): Measured => summarise('', costs.map(read));
  const cpu = of(({ cpuMicros }) => cpuMicros);
  return {
    name: String(syncs),
    cpu,
    cells: [
      cpu,
      of(({ serverCpuMicros }) => serverCpuMicros),
      of(({ eventsPerSecond }) => eventsPerSecond),
      of(({ rssMb }) => rssMb),
      of(({ objectsPerRequest }) => objectsPerRequest).median,
    ],
  };
});
const [fewest, most] = [rows[0], rows.at(-1)];
report(
  {
    tables: [
      {
        title: 'For each event of each sync; CPU in µs: median (least-most)',
        columns: [
          'syncs',
          'CPU',
          'CPU of the nats-server',
          'events a second, all syncs',
          'MB resident at most',
          'objects a request',
        ],
        rows,
      },
    ],
    reading:
      fewest === undefined || most === undefined || fewest === most
        ? []
        : [
            `An event of one of ${most.name} syncs costs ${(most.cpu.median / fewest.cpu.median).toFixed(2)} times what it does with ${fewest.name}.`,
          ],
  },
  { natsServer: rig.natsVersion },
);
