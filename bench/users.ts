/**
 * What Send Users costs: CPU for each event of the same sync, without users, with their states at hand, read from the
 * server, and cold. Of all events, 5 % change a property. Everything in this process counts, the NATS client too; the
 * nats-server is a process of its own, and the sink accepts at once, so that HTTP is not in the figures.
 */
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { type Bucket, openBucket } from '../src/profiles/bucket.ts';
import { memoryBucket } from '../src/profiles/memory-bucket.ts';
import { keepObjectsYoung } from '../src/young-generation.ts';
import { openBench } from './command-line.ts';
import { summarise } from './harness.ts';
import { numberText } from './report.ts';
import { credits, Runner } from './users-rig.ts';

const { flags, progress, report } = openBench(
  'users',
  'What Send Users costs: the same sync without it, and with states at hand, read from the server, and cold.',
  {
    events: { default: 40_000, quick: 10_000, help: 'how many events a round' },
    users: { default: 50_000, quick: 20_000, help: 'how many users, all alike' },
    rounds: { default: 9, quick: 3, help: 'how many rounds' },
    million: { default: false, help: 'instead, memory: a million users, of whom 100,000 are at hand; two minutes' },
  },
);
// As `run` does.
keepObjectsYoung();
await using nats = await startNatsServer();
await using connection = await connected();
const where = { natsServer: nats.version };
await (flags.million ? million() : costs());

async function costs(): Promise<void> {
  const { rounds, events, users } = flags;
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
  progress('the first sight of all users');
  const first = payloads(5 * users);
  for (const { runner } of contenders) await runner.send(first.length, (index) => first[index] as Uint8Array);
  const before = contenders.map(({ runner }) => ({ ...runner.reads, updates: runner.metrics.counts.userUpdates }));

  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
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
  const more = (median: number) => `${median > base ? '+' : ''}${(((median - base) / base) * 100).toFixed(0)} %`;
  report(
    {
      tables: [
        {
          title: `µs of CPU for each event: median of ${rounds} rounds (least-most)`,
          columns: ['users’ states', 'CPU', 'more'],
          rows: rows.map((row) => ({ name: row.name, cells: [row, row.median === base ? '' : more(row.median)] })),
        },
        {
          title: 'How much of it was what',
          columns: ['users’ states', 'events that updated a user', 'reads that missed'],
          rows: facts.slice(1).map(({ name, updatesShare, missesShare }) => ({
            name,
            cells: [percent(updatesShare), percent(missesShare)],
          })),
        },
      ],
      reading: [
        `With its states at hand, Send Users adds ${more(rows[2]?.median ?? Number.NaN)} to an event of this pipeline without HTTP, ` +
          `${more(rows[3]?.median ?? Number.NaN)} where every state has to be read from the server.`,
      ],
    },
    where,
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
  report(
    {
      tables: [
        {
          title: 'A million users, 100,000 states at hand',
          columns: ['pass', 'events', 'seconds', 'µs of CPU for each', 'MB resident then'],
          rows: took.map(({ events, seconds, cpuMicros }, i) => ({
            name: i === 0 ? 'first sight' : 'later',
            cells: [events, seconds, cpuMicros, rss[i + 1] ?? null],
          })),
        },
        {
          title: 'Of it',
          columns: ['what', 'value'],
          rows: [
            { name: 'updates of users', cells: [runner.metrics.counts.userUpdates] },
            { name: 'states at hand when asked for', cells: [hits] },
            { name: 'states read from the server', cells: [misses] },
            { name: 'MB resident before', cells: [rss[0] ?? null] },
            { name: 'MB resident at most', cells: [peak] },
            { name: 'MB of heap in use in the end', cells: [live] },
            { name: 'MB resident, nats-server', cells: [server] },
          ],
        },
      ],
      reading: [
        `At most ${numberText(peak)} MB are resident, of which ${numberText(live)} MB of heap are in use in the end.`,
      ],
    },
    where,
  );
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

function mb(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
