/**
 * CPU of the gateway for each event: it takes requests in, judges them, publishes, and waits for the stream. A process of
 * its own does that, and its CPU alone is counted. The layouts take turns, and with them a loop that only parses the same
 * bodies, which says how fast the machine is while it is measured.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import { Pool } from 'undici';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { build } from './build.ts';
import { openBench } from './command-line.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { consumed, summarise } from './harness.ts';
import { cpuMsOf } from './process-usage.ts';

const { flags, progress, report } = openBench(
  'gateway',
  'CPU of the gateway: requests in, events judged and published, and each request answered once the stream has them.',
  {
    rounds: { default: 7, quick: 1, help: 'how many rounds' },
    'warm-up': { default: 2, quick: 1, help: 'how many rounds before them, for the compiler' },
    requests: { default: 600, quick: 150, help: 'how many requests a round' },
    events: { default: 100, help: 'events a request' },
    concurrency: { default: 8, help: 'requests at once' },
    partitions: { default: 16, help: 'how many partitions the subjects have' },
  },
);

interface Contender {
  readonly name: string;
  readonly layout: 'event' | 'packed';
  /** Whether the stream takes atomic batches. */
  readonly atomic: boolean;
}

const contenders: readonly Contender[] = [
  { name: 'a message an event, atomic batches', layout: 'event', atomic: true },
  { name: 'a message an event, one by one', layout: 'event', atomic: false },
  { name: 'a message a partition, atomic batches', layout: 'packed', atomic: true },
  { name: 'a message a partition, one by one', layout: 'packed', atomic: false },
];

await using built = await build();
await using nats = await startNatsServer();
await using connection = await connectNats({ urls: [nats.url] });
await using resources = new AsyncDisposableStack();
const generator = createGenerator({ users: 5_000, shape: 'http' });
const gateways = [];
for (const [index, contender] of contenders.entries()) {
  progress(`starts ${contender.name}`);
  gateways.push({ ...contender, ...(await startGateway(contender, `BENCH${index}`)), cpu: [0], wall: [0] });
}
const parsing: number[] = [];
for (let round = -flags['warm-up']; round < flags.rounds; round++) {
  const parsed = parsingCost(Array.from({ length: flags.requests }, createBody));
  if (round >= 0) parsing[round] = parsed;
  for (const gateway of gateways) {
    progress(round < 0 ? 'warms up' : `round ${round + 1} of ${flags.rounds}: ${gateway.name}`);
    // A gateway whose turn it was not for seconds has given its memory back, and needs some requests to have it again.
    const first = Array.from({ length: Math.ceil(flags.requests / 4) }, createBody);
    const bodies = Array.from({ length: flags.requests }, createBody);
    await post(gateway.pool, first);
    const before = await cpuMsOf(gateway.pid);
    const start = performance.now();
    await post(gateway.pool, bodies);
    const events = flags.requests * flags.events;
    if (round < 0) continue;
    gateway.cpu[round] = (((await cpuMsOf(gateway.pid)) - before) * 1_000) / events;
    gateway.wall[round] = ((performance.now() - start) * 1_000) / events;
  }
}
const [cost = 0, unit = 1] = [gateways[0]?.cpu ?? [], parsing].map((samples) => summarise('', samples).median);
report(
  {
    tables: [
      {
        title: `µs for each event, ${flags.events} events a request: median of ${flags.rounds} rounds (least-most)`,
        columns: ['layout', 'CPU of the gateway', 'time that passed'],
        rows: [
          ...gateways.map(({ name, cpu, wall }) => ({ name, cells: [summarise(name, cpu), summarise(name, wall)] })),
          { name: 'JSON.parse of the same bodies alone', cells: [summarise('', parsing), null] },
        ],
      },
    ],
    reading: [
      `The default, ${contenders[0]?.name}, costs the gateway ${cost.toFixed(1)} µs an event, ` +
        `${(cost / unit).toFixed(1)} times what it takes to parse it.`,
    ],
  },
  { natsServer: nats.version },
);

async function startGateway({ layout, atomic }: Contender, stream: string) {
  const manager = await jetstreamManager(connection);
  const subjects = [`${stream.toLowerCase()}.>`];
  await manager.streams.add({ name: stream, subjects, ...(atomic && { allow_atomic: true }) });
  const gateway = await startGatewayProcess(built.engine, nats.url, stream, {
    SLUICE_GATEWAY_LAYOUT: layout,
    SLUICE_GATEWAY_PARTITIONS: String(flags.partitions),
  });
  const pool = new Pool(gateway.url, { connections: flags.concurrency, pipelining: 1 });
  resources.defer(async () => {
    await pool.close();
    await gateway.stop();
  });
  return { pid: gateway.pid, pool };
}

/** CPU for each event, in µs, of making text of the bytes and parsing it: in this process, which does nothing else then. */
function parsingCost(bodies: readonly string[]): number {
  const bytes = bodies.map((body) => Buffer.from(body));
  const before = process.cpuUsage();
  for (const body of bytes) consumed.last = JSON.parse(body.toString());
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (flags.requests * flags.events);
}

function createBody(): string {
  const events = Array.from({ length: flags.events }, () => generator.next().event);
  return JSON.stringify({ api_key: 'bench', events, options: {} });
}

async function post(pool: Pool, bodies: readonly string[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let body; (body = bodies[next++]) !== undefined;) {
      const headers = { 'content-type': 'application/json' };
      const answer = await pool.request({ method: 'POST', path: '/2/httpapi', headers, body });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: flags.concurrency }, worker));
}
