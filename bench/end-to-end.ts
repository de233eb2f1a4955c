/**
 * The whole way: a nats-server, the engine as a process of its own (`run --once`), and a bare sink in another; by turns
 * with it `floor.ts`, the same job by hand. What a start costs is measured on an empty stream and taken off.
 */
import { openBench } from './command-line.ts';
import { type Measured, summarise } from './harness.ts';
import { numberText } from './report.ts';
import { costOf, type RunOptions, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { messagesOf, workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'end-to-end',
  'The whole way from a nats-server to a bare HTTP sink, each a process, the engine by turns with the same job by hand.',
  {
    events: { default: 300_000, quick: 20_000, help: 'how many events a round' },
    rounds: { default: 7, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    ...workloadFlags,
    packed: { default: 50, help: 'events a message of the second stream, 0: none' },
    'send-users': { default: false, help: 'also the same sync with Send Users, whose users are known' },
    ...deliveryFlags,
  },
);
/** How often a start and an end are measured. */
const starts = quick ? 1 : 3;
const earlierPerUser = quick ? 2 : 20;
const { events, packed } = flags;

interface Contender extends Omit<RunOptions, 'name'> {
  readonly name: string;
  readonly by: 'engine' | 'floor';
  /** The contender that its CPU is told as a ratio to. */
  readonly against?: string;
  /** A stream that is run over before each round and does not count, so that users are known. */
  readonly first?: string;
}

const contenders: readonly Contender[] = [
  { name: 'floor', stream: 'EVENTS', by: 'floor' },
  { name: 'engine', stream: 'EVENTS', by: 'engine', against: 'floor' },
  ...(packed === 0
    ? []
    : ([
        { name: `floor, ${packed} events a message`, stream: 'PACKED', by: 'floor', against: 'floor' },
        { name: `engine, ${packed} events a message`, stream: 'PACKED', by: 'engine', against: 'floor' },
      ] as const)),
  ...(flags['send-users']
    ? ([
        {
          name: 'engine, Send Users',
          stream: 'EVENTS',
          by: 'engine',
          sendUsers: true,
          first: 'EARLIER',
          against: 'engine',
        },
      ] as const)
    : []),
];

const workload = workloadOf(flags);
await using rig = await startRig({ latencyMs: flags.latency, workload, delivery: flags });
const messages = messagesOf(workload);
if (flags['send-users']) {
  // Enough to have met nearly all users, so that what follows are changes and not first sights.
  await rig.fill('EARLIER', earlierPerUser * flags.users, { messages, onProgress: progress });
}
const bytesPerEvent = await rig.fill('EVENTS', events, { messages, onProgress: progress });
if (packed > 0) {
  await rig.fill('PACKED', events, { workload: { ...workload, perMessage: packed }, onProgress: progress });
}
progress('what a start costs');
const idle = { engine: await rig.idle({ by: 'engine' }, starts), floor: await rig.idle({ by: 'floor' }, starts) };
const rounds = new Map<string, ReturnType<typeof costOf>[]>(contenders.map(({ name }) => [name, []]));
for (let round = 0; round < flags.rounds; round++) {
  for (const { name, first, ...contender } of contenders) {
    progress(`round ${round + 1} of ${flags.rounds}: ${name}`);
    const sync = `${name.replaceAll(/\W+/g, '-')}-${round}`;
    let start = idle[contender.by];
    if (first !== undefined) {
      await rig.run({ ...contender, stream: first, name: sync });
      // Again, with nothing left: to read the states of the users is a part of what a start costs.
      start = await rig.run({ ...contender, stream: first, name: sync });
    }
    const used = await rig.run({ ...contender, name: sync });
    if (used.received !== events) throw new Error(`${name}: ${used.received} of ${events} events were received`);
    rounds.get(name)?.push(costOf(used, start));
  }
}

type Cost = ReturnType<typeof costOf>;
const results = contenders.map(({ name, against }) => {
  const own = rounds.get(name) ?? [];
  const others = against === undefined ? undefined : rounds.get(against);
  const of = (read: (cost: Cost) => number): Measured => summarise(name, own.map(read));
  const ratios = own.map(({ cpuMicros }, i) => cpuMicros / (others?.[i]?.cpuMicros ?? Number.NaN));
  return { name, against, of, ratio: against === undefined ? undefined : summarise(name, ratios) };
});
report(
  {
    tables: [
      {
        title: `CPU in µs for each of ${numberText(events)} events of ${bytesPerEvent} bytes: median of ${flags.rounds} rounds (least-most)`,
        columns: ['who', 'CPU', 'ratio', 'CPU of the nats-server'],
        rows: results.map(({ name, of, ratio }) => ({
          name,
          cells: [of(({ cpuMicros }) => cpuMicros), ratio ?? null, of(({ serverCpuMicros }) => serverCpuMicros)],
        })),
      },
      {
        title: 'Speed and memory',
        columns: ['who', 'events a second', 'MB resident at most', 'objects a request'],
        rows: results.map(({ name, of }) => ({
          name,
          cells: [
            of(({ eventsPerSecond }) => eventsPerSecond),
            of(({ rssMb }) => rssMb),
            of(({ objectsPerRequest }) => objectsPerRequest).median,
          ],
        })),
      },
    ],
    reading: results.flatMap(({ name, against, ratio }) =>
      ratio === undefined ? [] : [`CPU of the ${name} is ${ratio.median.toFixed(2)} times that of the ${against}.`],
    ),
  },
  { natsServer: rig.natsVersion },
);
