/**
 * The whole way: a nats-server, the engine as a process of its own (`run --once`), and a bare sink in another. Prints
 * events a second and the engine's CPU per event; what a start costs is measured on an empty stream and taken off.
 *
 * node bench/end-to-end.ts [--events 300000] [--per-message 1] [--users 10000] [--latency 0] [--rounds 3] [--json]
 *
 * With --send-users each round is run without and with Send Users, and the ratio of their CPU is told.
 */
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { startRig } from './rig.ts';

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    'per-message': { type: 'string', default: '1' },
    users: { type: 'string', default: '10000' },
    'send-users': { type: 'boolean', default: false },
    latency: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const events = Number(flags.events);

/** What `run --once --json` prints. */
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

const eventsPerMessage = Number(flags['per-message']);
await using rig = await startRig({
  events,
  eventsPerMessage,
  users: Number(flags.users),
  latencyMs: Number(flags.latency),
});
const idle = await run('EMPTY', 'idle');
const rounds: Round[] = [];
const withUsers: Round[] = [];
for (let round = 0; round < Number(flags.rounds); round++) {
  rounds.push(roundOf(await run('EVENTS', `round-${round}`)));
  if (flags['send-users']) withUsers.push(roundOf(await run('EVENTS', `users-${round}`, true)));
}
print();

async function run(stream: 'EVENTS' | 'EMPTY', name: string, sendUsers = false): Promise<Report> {
  const engine = await rig.engine(stream, name, ['--once', '--json'], sendUsers);
  return JSON.parse(await text(engine.stdout)) as Report;
}

function roundOf({ syncs: [sync], process: used }: Report): Round {
  if (sync.received !== events) throw new Error(`${sync.received} of ${events} events were received`);
  return {
    eventsPerSecond: Math.round((events * 1_000) / (used.uptimeMs - idle.process.uptimeMs)),
    cpuMicros: ((used.cpuMs - idle.process.cpuMs) * 1_000) / events,
    rssMb: used.maxRssBytes / 1e6,
    objectsPerRequest: sync.objects / sync.requests,
  };
}

function print(): void {
  const { machine, bytesPerEvent } = rig;
  const ratios = withUsers.map(({ cpuMicros }, index) => cpuMicros / (rounds[index]?.cpuMicros ?? Number.NaN));
  if (flags.json) {
    const result = { machine, events, bytesPerEvent, eventsPerMessage, latencyMs: flags.latency, rounds, withUsers };
    console.log(JSON.stringify(result));
    return;
  }
  console.log(
    `${events} events of ${bytesPerEvent} bytes, ${eventsPerMessage} a message, sink latency ${flags.latency} ms`,
  );
  console.log(machine);
  tell(rounds);
  if (withUsers.length === 0) return;
  console.log('with Send Users:');
  tell(withUsers);
  const [least, median, most] = spread(ratios);
  console.log(`CPU with Send Users / without: median ${median}, ${least} to ${most}`);
}

function tell(some: readonly Round[]): void {
  for (const { eventsPerSecond, cpuMicros, rssMb, objectsPerRequest } of some) {
    console.log(
      `${eventsPerSecond} events/s, ${cpuMicros.toFixed(1)} µs CPU per event, ` +
        `${rssMb.toFixed(0)} MB peak RSS, ${objectsPerRequest.toFixed(1)} objects a request`,
    );
  }
  const [least, median, most] = spread(some.map(({ cpuMicros }) => cpuMicros));
  console.log(`CPU per event: median ${median} µs, ${least} to ${most}`);
}

function spread(values: readonly number[]): readonly string[] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2);
  return [at(0), at(0.5), at(1)];
}
