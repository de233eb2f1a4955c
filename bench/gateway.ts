/**
 * CPU of the gateway for each event: it takes requests in, judges them, publishes, and waits for the stream. A process of
 * its own does that, and its CPU alone is counted. The layouts take turns.
 *
 * node bench/gateway.ts [--rounds 5] [--requests 300] [--events 100] [--concurrency 8] [--only NAME] [--prof DIR]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Pool } from 'undici';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { machine, summarise } from './harness.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '300' },
    events: { type: 'string', default: '100' },
    concurrency: { type: 'string', default: '8' },
    partitions: { type: 'string', default: '16' },
    only: { type: 'string' },
    prof: { type: 'string' },
  },
});
const [rounds, requests, eventsPerRequest, concurrency] = [
  Number(flags.rounds),
  Number(flags.requests),
  Number(flags.events),
  Number(flags.concurrency),
];

interface Contender {
  readonly name: string;
  readonly layout: 'event' | 'packed';
  /** Whether the stream takes atomic batches. */
  readonly atomic: boolean;
}

const contenders: readonly Contender[] = [
  { name: 'batch', layout: 'event', atomic: true },
  { name: 'each', layout: 'event', atomic: false },
  { name: 'packed-batch', layout: 'packed', atomic: true },
  { name: 'packed-each', layout: 'packed', atomic: false },
].filter(({ name }) => flags.only === undefined || flags.only === name) as Contender[];

await using nats = await startNatsServer();
const connection = await connectNats({ urls: [nats.url] });
const generator = createGenerator({ users: 5_000, shape: 'http' });
const { cpu, cores, node } = machine();
console.log(`${cpu}, ${cores} cores, Node ${node}, nats-server ${connection.info?.version}`);
console.log(`${eventsPerRequest} events a request, ${flags.partitions} partitions, ${concurrency} requests at once`);

const gateways = [];
for (const [index, contender] of contenders.entries()) {
  gateways.push({ ...contender, ...(await startContender(connection, contender, index)), cpu: [0], wall: [0] });
}
for (let round = -1; round < rounds; round++) {
  for (const gateway of gateways) {
    const bodies = Array.from({ length: requests }, createBody);
    const before = await cpuMs(gateway.child);
    const start = performance.now();
    await post(gateway.pool, bodies);
    const events = requests * eventsPerRequest;
    // The first round is for the compiler.
    if (round < 0) continue;
    gateway.cpu[round] = (((await cpuMs(gateway.child)) - before) * 1_000) / events;
    gateway.wall[round] = ((performance.now() - start) * 1_000) / events;
  }
}
console.log('\nCPU of the gateway for each event, in µs: median, least, most. Beside it the time that passed.');
for (const { name, cpu, wall } of gateways) {
  const { median, least, most } = summarise(name, cpu);
  const passed = summarise(name, wall).median;
  console.log(
    `${name.padEnd(14)} ${[median, least, most].map((value) => value.toFixed(2).padStart(7)).join('')}   ${passed.toFixed(2).padStart(7)}`,
  );
}
for (const { child, pool } of gateways) {
  await pool.close();
  child.kill('SIGTERM');
  await once(child, 'exit');
}
await connection.close();

async function startContender(connection: NatsConnection, { layout, atomic }: Contender, index: number) {
  const stream = `BENCH${index}`;
  const manager = await jetstreamManager(connection);
  const subjects = [`${stream.toLowerCase()}.>`];
  await manager.streams.add({ name: stream, subjects, ...(atomic && { allow_atomic: true }) });
  const prof = flags.prof === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.prof}`];
  const child = spawn(process.execPath, [...prof, 'src/cli.ts', 'gateway'], {
    env: {
      ...process.env,
      NATS_URL: nats.url,
      SLUICE_HTTP_PORT: '0',
      SLUICE_GATEWAY_PORT: '0',
      SLUICE_GATEWAY_KEYS: `bench=${stream}`,
      SLUICE_GATEWAY_LAYOUT: layout,
      SLUICE_GATEWAY_PARTITIONS: flags.partitions,
      LOG_FORMAT: 'json',
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let log = '';
  for await (const chunk of child.stderr) {
    log += String(chunk);
    if (log.includes('Health and metrics')) break;
  }
  const url = /"gateway":"([^"]+)"/.exec(log)?.[1];
  if (url === undefined) throw new Error(`the gateway does not start: ${log}`);
  return { child, pool: new Pool(url, { connections: concurrency, pipelining: 1 }) };
}

function createBody(): string {
  const events = Array.from({ length: eventsPerRequest }, () => generator.next().event);
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
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** From the system's books, in steps of 10 ms; Linux only. */
async function cpuMs({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) * 10;
}
