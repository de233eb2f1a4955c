/**
 * What Send Users costs: CPU for each event of the same sync, without users, with their states at hand, read from the
 * server, and cold. Of all events, 5 % change a property. Everything in this process counts, the NATS client too; the
 * nats-server is a process of its own, and the sink accepts at once, so that HTTP is not in the figures.
 *
 * node bench/users.ts [--quick] [--json]
 * node bench/users.ts --million [--json]     memory: a million users, of whom 100,000 are at hand; takes two minutes
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { type Bucket, openBucket } from '../src/profiles/bucket.ts';
import { memoryBucket } from '../src/profiles/memory-bucket.ts';
import { machine, summarise } from './harness.ts';
import { credits, Runner } from './users-rig.ts';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    million: { type: 'boolean', default: false },
  },
});

await using nats = await startNatsServer();
await using connection = await connected();
const where = { ...machine(), natsServer: nats.version };
await (flags.million ? million() : costs());

async function costs(): Promise<void> {
  const { rounds, events, users } = flags.quick
    ? { rounds: 3, events: 10_000, users: 20_000 }
    : { rounds: 9, events: 40_000, users: 50_000 };
  // Users who are all alike: no busy few of them stay at hand by chance.
  const generator = createGenerator({ users, zipfExponent: 0, anonymousShare: 0 });
  const payloads = (count: number) => Array.from({ length: count }, () => Buffer.from(generator.message().payload));

  const all = 2 * users;
  const few = 2 * credits;
  const contenders = [
    { name: 'without users', runner: Runner.withoutUsers() },
    { name: 'hits, states written to memory', runner: await Runner.withUsers(memoryBucket(), all) },
    { name: 'hits', runner: await Runner.withUsers(await bucket('hits'), all) },
    { name: 'misses', runner: await Runner.withUsers(await bucket('misses'), few) },
  ].map((contender) => ({ ...contender, samples: [] as number[] }));
  const cold = { name: 'cold', samples: [] as number[] };

  // So many that hardly a user is left who is not known.
  const first = payloads(5 * users);
  for (const { runner } of contenders) await runner.send(first.length, (index) => first[index] as Uint8Array);
  const before = contenders.map(({ runner }) => ({ ...runner.reads, updates: runner.metrics.counts.userUpdates }));

  for (let round = 0; round < rounds; round++) {
    const some = payloads(events);
    for (const { runner, samples } of contenders) samples.push(await cpuMicros(runner, some));
    const newcomers = some.map((payload, index) => withUser(payload, `cold-${round}-${index}`));
    cold.samples.push(await cpuMicros(await Runner.withUsers(await bucket(`cold-${round}`), all), newcomers));
  }

  const rows = [...contenders, cold].map(({ name, samples }) => summarise(name, samples));
  const base = rows[0]?.median ?? Number.NaN;
  const facts = contenders.map(({ name, runner }, i) => {
    const { hits = 0, misses = 0, updates = 0 } = before[i] ?? {};
    const reads = { hits: runner.reads.hits - hits, misses: runner.reads.misses - misses };
    return {
      name,
      updatesShare: (runner.metrics.counts.userUpdates - updates) / (rounds * events),
      missesShare: reads.misses / Math.max(1, reads.hits + reads.misses),
    };
  });
  if (flags.json) {
    console.log(JSON.stringify({ machine: where, rounds, events, users, unit: 'µs', rows, facts }));
    return;
  }
  console.log(machineLine());
  console.log(
    `µs of CPU for each event: median of ${rounds} rounds of ${events} events of ${users} users (least-most)\n`,
  );
  for (const { name, median, least, most } of rows) {
    const more = median === base ? '' : `${median > base ? '+' : ''}${(((median - base) / base) * 100).toFixed(0)} %`;
    const spread = `${median.toFixed(1)} (${least.toFixed(1)}-${most.toFixed(1)})`;
    console.log(`${name.padEnd(32)}${spread.padStart(22)}${more.padStart(9)}`);
  }
  for (const { name, updatesShare, missesShare } of facts.slice(1))
    console.log(
      `\n${name}: ${percent(updatesShare)} of events updated a user, ${percent(missesShare)} of reads missed`,
    );
}

async function million(): Promise<void> {
  const users = 1_000_000;
  const later = 300_000;
  const runner = await Runner.withUsers(await bucket('million'), 100_000);
  const plans = ['free', 'pro', 'family'];
  // Made one by one, so that the events themselves take no room.
  const payload = (user: number, turn: number) =>
    Buffer.from(
      JSON.stringify({
        event_type: 'Seen',
        user_id: `user-${user}`,
        time: 1_767_603_600_000 + turn,
        user_properties: { plan: plans[(user + turn) % 3], lifetime_value: user % 977, theme: 'dark' },
      }),
    );
  const rss = [mb(process.memoryUsage.rss())];
  const took = [];
  for (const [count, make] of [
    [users, (index: number) => payload(index, 0)],
    // A stride that meets all users in no order that the cache could follow; every twentieth changes.
    [later, (index: number) => payload((index * 7_919) % users, index % 20 === 0 ? 1 : 0)],
  ] as const) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    await runner.send(count, make);
    const { user, system } = process.cpuUsage(cpu);
    took.push({ events: count, seconds: (performance.now() - start) / 1_000, cpuMicros: (user + system) / count });
    rss.push(mb(process.memoryUsage.rss()));
  }
  const { hits, misses } = runner.reads;
  const peak = mb(process.resourceUsage().maxRSS * 1_024);
  const live = mb(liveBytes());
  const server = mb(await residentBytes(nats.pid));
  const { userUpdates } = runner.metrics.counts;
  if (flags.json) {
    console.log(JSON.stringify({ machine: where, users, took, hits, misses, userUpdates, rss, peak, live, server }));
    return;
  }
  console.log(machineLine());
  console.log(
    `a million users, 100,000 states at hand, ${userUpdates} updates, ${misses} states read from the server\n`,
  );
  for (const [i, { events, seconds, cpuMicros }] of took.entries())
    console.log(
      `${i === 0 ? 'first sight' : 'later'}: ${events} events in ${seconds.toFixed(0)} s, ${cpuMicros.toFixed(1)} µs of CPU each, then ${rss[i + 1]} MB`,
    );
  console.log(`\nresident: ${rss[0]} MB before, at most ${peak} MB, of which ${live} MB of heap are in use in the end`);
  console.log(`nats-server: ${server} MB`);
}

async function connected() {
  const connection = await connectNats({ urls: [nats.url] });
  return { connection, [Symbol.asyncDispose]: () => connection.close() };
}

async function bucket(name: string): Promise<Bucket> {
  return await openBucket(connection.connection, name);
}

async function cpuMicros(runner: Runner, payloads: readonly Uint8Array[]): Promise<number> {
  const before = process.cpuUsage();
  await runner.send(payloads.length, (index) => payloads[index] as Uint8Array);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / payloads.length;
}

function withUser(payload: Buffer, user: string): Uint8Array {
  return Buffer.from(payload.toString().replace(/"user_id":"[^"]*"/, `"user_id":"${user}"`));
}

/** What a process takes at the moment; Linux only. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}

/** What is left of the heap after a collection: the resident set holds garbage that nobody has asked V8 to collect. */
function liveBytes(): number {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

function machineLine(): string {
  const { cpu, cores, node, v8, natsServer } = where;
  return `${cpu}, ${cores} cores, Node ${node}, V8 ${v8}, nats-server ${natsServer}`;
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
