/**
 * A limit that changes under a running sender: requests and 429s of each second, against the Braze simulator. At first
 * it admits `--limit` requests a second, after a third of the time `--low`, after two thirds `--limit` again; with
 * `--other` another sender takes up to half of it in the second third instead.
 */
import { silent } from '../src/core/telemetry.ts';
import { brazeSink } from '../src/sinks/braze/sink.ts';
import { Workspaces } from '../src/sinks/http/workspace.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { openBench } from './command-line.ts';

const { flags, progress, report } = openBench(
  'limits',
  'A limit that changes under a running sender: requests and 429s, against the Braze simulator.',
  {
    seconds: { default: 150, quick: 6, help: 'how long it is watched' },
    limit: { default: 100, help: 'requests a second that the simulator admits' },
    low: { default: 20, help: 'how many in the second third of the time' },
    other: { default: false, help: 'instead another sender takes up to half of it in the second third' },
    mau: { default: false, help: 'headers as under plans by monthly active users' },
  },
);
const { seconds } = flags;
const third = Math.floor(seconds / 3);
const windowMs = 3_000;
const burstOf = (perSecond: number) => ({ requests: (perSecond * windowMs) / 1_000, perMs: windowMs });

const other = 'the-other-sender';
await using simulator = await startSimulator({
  keep: 'counts',
  latencyMs: 30,
  headerModel: flags.mau ? 'mau' : 'epoch',
  burst: burstOf(flags.limit),
});
const config = {
  endpoint: simulator.url,
  apiKey: simulator.key,
  identifierType: 'external_id',
  updateUsersOnly: false,
} as const;

const admitted = Array.from({ length: seconds }, () => 0);
const refused = Array.from({ length: seconds }, () => 0);
const begin = performance.now();
const elapsed = (): number => Math.floor((performance.now() - begin) / 1_000);
const telemetry = {
  ...silent,
  answered(status: number | 'failed') {
    const counts = status === 429 ? refused : admitted;
    const second = elapsed();
    if (second < seconds) counts[second] = (counts[second] ?? 0) + 1;
  },
};
const workspaces = new Workspaces();
// As the rule file says, which knows nothing of the limit.
const workspace = workspaces.get(config, { requests: 3_000, perMs: windowMs });
const sink = brazeSink({ config, workspace, giveUpAfterMs: null, telemetry });
const end = new AbortController();
const draft = { identifier: 'user', name: 'Viewed', time: new Date(0).toISOString(), properties: {} };

const senders = Array.from({ length: 16 }, async () => {
  while (!end.signal.aborted) await sink.write([sink.encode(draft, Date.now())], end.signal);
});
const changes = setInterval(() => {
  const inSecondThird = elapsed() >= third && elapsed() < 2 * third;
  if (!flags.other) simulator.set({ burst: burstOf(inSecondThird ? flags.low : flags.limit) });
}, 100);
const others = setInterval(() => {
  if (flags.other && elapsed() >= third && elapsed() < 2 * third) void sendAsOther();
}, 2_000 / flags.limit);
const watch = setInterval(() => {
  const second = elapsed() - 1;
  progress(`${second} s: ${admitted[second] ?? 0} admitted, ${refused[second] ?? 0} refused`);
}, 1_000);

await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
for (const timer of [changes, others, watch]) clearInterval(timer);
end.abort();
await Promise.all(senders);
await workspaces.close();
report({
  tables: [
    {
      title: 'Requests in each third, without its beginning, in which what is new is learned',
      columns: ['seconds', 'admitted', 'of allowed %', 'refused'],
      rows: thirds().map(({ from, to, allowed, ...counts }) => ({
        name: `${from} to ${to}`,
        cells: [counts.admitted, allowed === 0 ? null : (100 * counts.admitted) / allowed, counts.refused],
      })),
    },
    {
      title: 'Requests over time',
      columns: ['seconds', 'allowed a second', 'admitted a second', '429s'],
      rows: overTime(),
    },
  ],
  reading: thirds().map(
    (third, i) =>
      `In the ${['first', 'second', 'last'][i]} third ${third.refused} of ${third.admitted + third.refused} requests are refused.`,
  ),
});

async function sendAsOther(): Promise<void> {
  const answer = await fetch(`${simulator.url}/users/track`, {
    method: 'POST',
    headers: { authorization: `Bearer ${simulator.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ external_id: other, name: 'Viewed', time: draft.time }] }),
  });
  await answer.arrayBuffer();
}

/** The sums of each third. */
function thirds() {
  return [0, 1, 2].map((index) => {
    const [from, to] = [index * third + Math.min(10, Math.floor(third / 2)), (index + 1) * third];
    const allowed = allowedIn(from) * (to - from);
    return { from, to, allowed, admitted: sum(admitted, from, to), refused: sum(refused, from, to) };
  });
}

/** In some fifteen steps. */
function overTime() {
  const step = Math.max(1, Math.round(seconds / 15));
  return Array.from({ length: Math.ceil(seconds / step) }, (_, index) => {
    const [from, to] = [index * step, Math.min(seconds, (index + 1) * step)];
    return {
      name: `${from} to ${to}`,
      cells: [allowedIn(from), sum(admitted, from, to) / (to - from), sum(refused, from, to)],
    };
  });
}

/** How many requests of this sender are allowed in a second. */
function allowedIn(second: number): number {
  if (Math.min(2, Math.floor(second / third)) !== 1) return flags.limit;
  return flags.other ? flags.limit / 2 : flags.low;
}

function sum(counts: readonly number[], from: number, to: number): number {
  return counts.slice(from, to).reduce((total, count) => total + count, 0);
}
