/**
 * The engine at full speed with faults, for minutes: memory, handles and timers do not grow, and in the end nothing is
 * unsettled. Exit 1 if that does not hold.
 *
 * npm run soak -- [--minutes 10] [--seed 1] [--json]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { createGenerator } from '../../src/generator/index.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { injectFaults } from './faults.ts';
import { type Sample, trendsOf } from './samples.ts';
import { scheduleOf } from './schedule.ts';
import { TcpProxy } from './tcp-proxy.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const minutes = Number(flags.minutes);
const stream = 'EVENTS';
const sync = 'soak';
/** So many events wait in the stream at most: enough for full speed. */
const backlog = 20_000;
/** Full speed between one round of faults and the next. */
const calmMs = 15_000;

await using resources = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'sluice-soak-'));
resources.defer(() => rm(folder, { recursive: true }));
const nats = resources.use(await startNatsServer());
const simulator = resources.use(await startSimulator({ latencyMs: [2, 20], keep: 'counts', burst: null }));
const natsLink = resources.use(await TcpProxy.start(nats.port));
const brazeLink = resources.use(await TcpProxy.start(Number(new URL(simulator.url).port)));
const connection = await connectNats({ urls: [nats.url] });
resources.defer(() => connection.close());
const manager = await jetstreamManager(connection);
// What is acked goes, or a long soak would fill the disk.
await manager.streams.add({ name: stream, subjects: ['events.>'], retention: RetentionPolicy.Workqueue });
const rules = join(folder, `${sync}.yaml`);
await writeFile(
  rules,
  `name: ${sync}
source: { start: all }
destination: { type: braze, endpoint: "http://127.0.0.1:${brazeLink.port}", apiKey: "${simulator.key}" }
events: { select: ["*"], filter: $exists($identifier), properties: [event_properties.seq] }
users: { properties: [plan, lifetime_value] }
batch: { maxWaitMs: 100 }
`,
);

const samples: Sample[] = [];
const engine = startEngine();
resources.defer(() => void engine.kill('SIGKILL'));
const ending = new AbortController();
const filling = fill(ending.signal);
const until = performance.now() + minutes * 60_000;
let faults = 0;
for (let round = 0; performance.now() < until; round++) {
  const drawn = scheduleOf(Number(flags.seed) + round);
  // No kills of the engine: it is one process that is watched. And no 429: what is learned from one that tells of no
  // limit would slow down all that follows.
  const braze = drawn.braze.filter(({ fault: { fault } }) => fault.kind !== 'rate_limited');
  const schedule = { ...drawn, engine: [], braze };
  const injected = injectFaults({ schedule, nats, natsLink, brazeLink, simulator, seed: round, kill: () => undefined });
  await Promise.all(injected.lanes);
  faults += injected.done.serverKills + injected.done.linkFaults.length + schedule.braze.length;
  progress();
  await delay(calmMs);
}
ending.abort();
const published = await filling;
const left = await drained();
const judged = [...samples];
engine.kill('SIGTERM');
const [code] = (await once(engine, 'exit')) as [number | null];
report();

function startEngine(): ChildProcess {
  const script = join(import.meta.dirname, 'soak-engine.ts');
  const child = spawn(process.execPath, ['--expose-gc', script, rules, `nats://127.0.0.1:${natsLink.port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => samples.push(JSON.parse(line) as Sample));
  return child;
}

/** Keeps the stream filled until told to end; answers how many messages it published. */
async function fill(end: AbortSignal): Promise<number> {
  const generator = createGenerator({ users: 2_000, numbered: true, seed: Number(flags.seed) });
  const client = jetstream(connection, { timeout: 2_000 });
  let count = 0;
  while (!end.aborted) {
    const waiting = (await manager.streams.info(stream).catch(() => undefined))?.state.messages ?? backlog;
    if (waiting >= backlog) {
      await delay(50);
      continue;
    }
    const messages = Array.from({ length: 500 }, () => generator.message());
    const stored = await Promise.allSettled(messages.map(({ subject, payload }) => client.publish(subject, payload)));
    count += stored.filter(({ status }) => status === 'fulfilled').length;
  }
  return count;
}

/** Waits until the consumer has nothing left, for two minutes at most; answers what it has. */
async function drained(): Promise<number> {
  const deadline = performance.now() + 120_000;
  while (true) {
    const info = await manager.consumers.info(stream, sync).catch(() => undefined);
    const open = info === undefined ? Number.NaN : info.num_pending + info.num_ack_pending;
    if (open === 0 || performance.now() > deadline) return open;
    await delay(200);
  }
}

function progress(): void {
  const last = samples.at(-1);
  if (!process.stderr.isTTY || last === undefined) return;
  const { ms, delivered, rssBytes } = last;
  process.stderr.write(
    `\r\u001B[K${Math.round(ms / 1_000)} s: ${delivered} events delivered, ${faults} faults, RSS ${Math.round(rssBytes / 1e6)} MB`,
  );
}

function report(): void {
  const trends = trendsOf(judged);
  const last = samples.at(-1);
  const problems = [
    ...trends.filter(({ late, most }) => !(late <= most)).map(({ reading }) => `${reading} grows`),
    ...(left === 0 ? [] : [`${left} messages are unsettled`]),
    ...(last?.inFlight === 0 ? [] : [`${last?.inFlight} events are in flight after the end`]),
    ...(code === 0 ? [] : [`the engine ended with ${String(code)}`]),
  ];
  const { received = 0, delivered = 0, ms = 0 } = last ?? {};
  if (flags.json) console.log(JSON.stringify({ minutes, published, received, delivered, faults, trends, problems }));
  else {
    if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
    console.log(
      `${minutes} minutes: ${published} messages published, ${received} events received, ${delivered} delivered ` +
        `(${Math.round((delivered * 1_000) / ms)} a second), ${faults} faults`,
    );
    for (const { reading, early, late } of trends) console.log(`  ${reading}: ${early}, at the end ${late}`);
    console.log(problems.length === 0 ? 'all held' : problems.map((problem) => `BROKEN: ${problem}`).join('\n'));
  }
  if (problems.length > 0) process.exitCode = 1;
}
