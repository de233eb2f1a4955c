/**
 * The whole way: a nats-server, the engine as a process of its own (`run --once`), and a bare sink in another; by turns
 * with it `floor.ts`, the same job by hand. Prints events a second, CPU per event, and the ratio of the two. What a start
 * costs is measured on an empty stream and taken off.
 *
 * node bench/end-to-end.ts [--events 300000] [--rounds 7] [--latency 0] [--users 10000] [--per-message 50] [--send-users] [--json]
 *
 * With --per-message the engine also reads a stream that holds so many events a message; with --send-users it also
 * runs the same sync with Send Users, whose CPU is compared with that of the sync without.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { summarise } from './harness.ts';
import { startRig, type StreamName } from './rig.ts';

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    rounds: { type: 'string', default: '7' },
    latency: { type: 'string', default: '0' },
    users: { type: 'string', default: '10000' },
    'per-message': { type: 'string' },
    'send-users': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const events = Number(flags.events);
const eventsPerMessage = flags['per-message'] === undefined ? undefined : Number(flags['per-message']);

/** What `run --once --json` prints, and the floor. */
interface Report {
  readonly syncs: readonly [{ readonly received: number; readonly requests: number; readonly objects: number }];
  readonly process: { readonly uptimeMs: number; readonly cpuMs: number; readonly maxRssBytes: number };
}

interface Round {
  readonly eventsPerSecond: number;
  readonly cpuMicros: number;
  readonly rssMb: number;
  readonly objectsPerRequest: number;
}

interface Contender {
  readonly name: string;
  readonly stream: StreamName;
  readonly by: 'engine' | 'floor';
  readonly sendUsers?: boolean;
  /** The contender that its CPU is told as a ratio to. */
  readonly against?: string;
}

const packed = `${eventsPerMessage} events a message`;
const contenders: readonly Contender[] = [
  { name: 'floor', stream: 'EVENTS', by: 'floor' },
  { name: 'engine', stream: 'EVENTS', by: 'engine', against: 'floor' },
  ...(eventsPerMessage === undefined
    ? []
    : ([
        { name: `floor, ${packed}`, stream: 'PACKED', by: 'floor', against: 'floor' },
        { name: `engine, ${packed}`, stream: 'PACKED', by: 'engine', against: 'floor' },
      ] as const)),
  ...(flags['send-users']
    ? ([{ name: 'engine, Send Users', stream: 'EVENTS', by: 'engine', sendUsers: true, against: 'engine' }] as const)
    : []),
];

await using rig = await startRig({
  events,
  eventsPerMessage,
  users: Number(flags.users),
  latencyMs: Number(flags.latency),
});
const idle = { engine: await idleOf('engine'), floor: await idleOf('floor') };
const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const contender of contenders) {
    const { name } = contender;
    rounds.get(name)?.push(roundOf(contender, await run(contender, `${name.replaceAll(/\W+/g, '-')}-${round}`)));
  }
}
print();

async function run({ by, stream, sendUsers }: Omit<Contender, 'name'>, name: string): Promise<Report> {
  const process =
    by === 'floor' ? rig.floor(stream, name) : await rig.engine(stream, name, ['--once', '--json'], sendUsers);
  return JSON.parse(await text(process.stdout)) as Report;
}

/** What a start and an end cost, in milliseconds: the median of three. */
async function idleOf(by: Contender['by']): Promise<{ readonly uptimeMs: number; readonly cpuMs: number }> {
  const starts: Report[] = [];
  for (const time of [1, 2, 3]) starts.push(await run({ by, stream: 'EMPTY' }, `idle-${by}-${time}`));
  const median = (of: (used: Report['process']) => number): number =>
    summarise(
      by,
      starts.map((report) => of(report.process)),
    ).median;
  return { uptimeMs: median(({ uptimeMs }) => uptimeMs), cpuMs: median(({ cpuMs }) => cpuMs) };
}

function roundOf({ by }: Contender, { syncs: [sync], process: used }: Report): Round {
  if (sync.received !== events) throw new Error(`${sync.received} of ${events} events were received`);
  return {
    eventsPerSecond: Math.round((events * 1_000) / (used.uptimeMs - idle[by].uptimeMs)),
    cpuMicros: ((used.cpuMs - idle[by].cpuMs) * 1_000) / events,
    rssMb: used.maxRssBytes / 1e6,
    objectsPerRequest: sync.objects / sync.requests,
  };
}

function print(): void {
  const { machine, bytesPerEvent } = rig;
  const results = contenders.map(({ name, against }) => {
    const own = rounds.get(name) ?? [];
    const of = (read: (round: Round) => number) => summarise(name, own.map(read));
    const others = against === undefined ? undefined : rounds.get(against);
    const ratios = own.map(({ cpuMicros }, index) => cpuMicros / (others?.[index]?.cpuMicros ?? Number.NaN));
    return {
      name,
      cpuMicros: of(({ cpuMicros }) => cpuMicros),
      eventsPerSecond: of(({ eventsPerSecond }) => eventsPerSecond),
      rssMb: of(({ rssMb }) => rssMb),
      objectsPerRequest: of(({ objectsPerRequest }) => objectsPerRequest).median,
      ...(against !== undefined && { against, ratio: summarise(name, ratios) }),
    };
  });
  if (flags.json) {
    console.log(
      JSON.stringify({
        machine,
        events,
        bytesPerEvent,
        latencyMs: Number(flags.latency),
        results,
        rounds: [...rounds],
      }),
    );
    return;
  }
  console.log(
    `${events} events of ${bytesPerEvent} bytes, sink latency ${flags.latency} ms, ${flags.rounds} rounds by turns`,
  );
  console.log(machine);
  for (const { name, cpuMicros, eventsPerSecond, rssMb, objectsPerRequest, ratio, against } of results) {
    console.log(
      `${name}: ${spread(cpuMicros, 1)} µs CPU per event, ${spread(eventsPerSecond, 0)} events/s, ` +
        `${spread(rssMb, 0)} MB peak RSS, ${objectsPerRequest.toFixed(1)} objects a request` +
        (ratio === undefined ? '' : `; CPU against ${against}: ${spread(ratio, 2)}`),
    );
  }
}

/** The median, and from least to most. */
function spread({ median, least, most }: ReturnType<typeof summarise>, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`;
}
