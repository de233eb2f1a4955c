/** Whether the cost of an event grows with the length of the stream or with the number of users. */
import { setTimeout as delay } from 'node:timers/promises';
import { openBench } from './command-line.ts';
import { type Measured, summarise } from './harness.ts';
import type { Table } from './report.ts';
import { costOf, type RunOptions, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { users, ...otherWorkloadFlags } = workloadFlags;
const { flags, quick, progress, report } = openBench(
  'growth',
  'Whether the cost of an event grows with the length of the stream or with the number of users.',
  {
    lengths: { default: [100_000, 300_000, 1_000_000], quick: [10_000, 20_000], help: 'how many events are read' },
    users: { default: [100, 1_000, 10_000, 100_000], quick: [10_000], help: users.help },
    events: { default: 100_000, quick: 10_000, help: 'how many events for each number of users' },
    rounds: { default: 3, quick: 1, help: 'how many rounds' },
    latency: { default: 0, help: 'milliseconds until the sink answers' },
    ...otherWorkloadFlags,
    ...deliveryFlags,
  },
);
/** How often a start and an end are measured. */
const starts = quick ? 1 : 3;

type Cost = ReturnType<typeof costOf> & { readonly updatesShare: number };
interface Contender extends RunOptions {
  readonly costs: Cost[];
}

const workload = workloadOf({ ...flags, users: users.default });
await using rig = await startRig({ latencyMs: flags.latency, workload, delivery: flags });
const lengths = await streamOfLengths(flags.lengths);
const crowds: { readonly users: number; readonly plain: Contender; readonly following: Contender }[] = [];
for (const count of flags.users) {
  const stream = `USERS_${count}`;
  await rig.fill(stream, flags.events, { workload: { ...workload, users: count }, onProgress: progress });
  const of = (sendUsers: boolean): Contender => ({ stream, name: `${stream}-${sendUsers}`, sendUsers, costs: [] });
  crowds.push({ users: count, plain: of(false), following: of(true) });
}
const idle = { plain: await rig.idle({}, starts), following: await rig.idle({ sendUsers: true }, starts) };
const contenders = [...lengths, ...crowds.flatMap(({ plain, following }) => [plain, following])];
for (let round = 0; round < flags.rounds; round++) {
  for (const { costs, ...options } of contenders) {
    progress(`round ${round + 1} of ${flags.rounds}: ${options.name}`);
    const used = await rig.run({ ...options, name: `${options.name}-${round}` });
    costs.push({
      ...costOf(used, options.sendUsers === true ? idle.following : idle.plain),
      updatesShare: used.userUpdates / used.received,
    });
  }
}

const byLength: Table = {
  title: 'By how many events are read; CPU in µs for each event: median (least-most)',
  columns: ['events', 'CPU', 'CPU of the nats-server', 'MB resident at most'],
  rows: lengths.map(({ costs }, i) => ({
    name: (flags.lengths[i] ?? 0).toLocaleString('en'),
    cells: [
      of(costs, ({ cpuMicros }) => cpuMicros),
      of(costs, ({ serverCpuMicros }) => serverCpuMicros),
      of(costs, ({ rssMb }) => rssMb),
    ],
  })),
};
const byUsers: Table = {
  title: `By the number of users, ${flags.events.toLocaleString('en')} events; CPU in µs for each event: median (least-most)`,
  columns: ['users', 'CPU', 'CPU with Send Users', 'updates an event', 'MB resident at most, with Send Users'],
  rows: crowds.map(({ users: count, plain, following }) => ({
    name: count.toLocaleString('en'),
    cells: [
      of(plain.costs, ({ cpuMicros }) => cpuMicros),
      of(following.costs, ({ cpuMicros }) => cpuMicros),
      of(following.costs, ({ updatesShare }) => updatesShare).median,
      of(following.costs, ({ rssMb }) => rssMb),
    ],
  })),
};
report(
  {
    tables: [byLength, byUsers],
    reading: [
      `An event of the longest stream costs ${growth(lengths).toFixed(2)} times one of the shortest.`,
      `With ${flags.users.at(-1)?.toLocaleString('en')} users an event costs ${growth(crowds.map(({ plain }) => plain)).toFixed(2)} times what it does with ${flags.users[0]?.toLocaleString('en')}.`,
      'Send Users costs more with more users as far as more of the events are the first of their user, which are sent as updates.',
    ],
  },
  { natsServer: rig.natsVersion },
);

/** One stream, of the greatest length; the shorter ones are its last events, from a moment on. */
async function streamOfLengths(counts: readonly number[]): Promise<readonly Contender[]> {
  const ascending = counts.toSorted((a, b) => a - b);
  const longest = ascending.at(-1) ?? 0;
  const starts = new Map<number, string>();
  let published = 0;
  for (const count of ascending.toReversed()) {
    await rig.fill('LENGTHS', longest - count - published, { onProgress: progress });
    published = longest - count;
    // What is stored in the very millisecond of the start is read too: so nothing is.
    await delay(5);
    starts.set(count, new Date().toISOString());
    await delay(5);
  }
  await rig.fill('LENGTHS', longest - published, { onProgress: progress });
  return counts.map((count) => {
    const from = starts.get(count) ?? 'all';
    return { stream: 'LENGTHS', name: `length-${count}`, from, costs: [] };
  });
}

function of(costs: readonly Cost[], read: (cost: Cost) => number): Measured {
  return summarise('', costs.map(read));
}

/** How the last of them compares with the first. */
function growth(some: readonly Contender[]): number {
  const cpu = ({ costs }: Contender): number => of(costs, ({ cpuMicros }) => cpuMicros).median;
  const [first, last] = [some[0], some.at(-1)];
  return first === undefined || last === undefined ? Number.NaN : cpu(last) / cpu(first);
}
