/**
 * How old events are when the sink accepts them, at half the rate that the engine can keep up with: a publisher at a
 * steady pace, the nats-server, the engine and the sink, each a process.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createStream } from '../src/nats/stream.ts';
import { openBench } from './command-line.ts';
import { pacedPublisher } from './paced-publisher.ts';
import type { Row } from './report.ts';
import { costOf, startRig } from './rig.ts';
import { deliveryFlags } from './rule.ts';
import { workloadFlags, workloadOf } from './workload.ts';

const { flags, quick, progress, report } = openBench(
  'latency',
  'From publishing to acceptance by the sink, at a share of the rate that the engine can keep up with.',
  {
    latency: { default: [0, 30], quick: [30], help: 'milliseconds until the sink answers' },
    load: { default: 0.5, help: 'share of the greatest rate' },
    events: { default: 200_000, quick: 20_000, help: 'how many events the greatest rate is found with' },
    seconds: { default: 20, quick: 2, help: 'how long events are published' },
    ...workloadFlags,
    ...deliveryFlags,
  },
);
/** How often a start and an end are measured. */
const starts = quick ? 1 : 3;
const workload = workloadOf(flags);
/** The sync's own, the default: `batch.maxWaitMs`. */
const batchWindowMs = 1_000;

interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

let natsServer = '';
const rows: Row[] = [];
const reading: string[] = [];
for (const latencyMs of flags.latency) {
  await using rig = await startRig({ latencyMs, timed: true, workload, delivery: flags });
  natsServer = rig.natsVersion;
  const sink = `${rig.endpoint}/latencies`;
  await rig.fill('EVENTS', flags.events, { onProgress: progress });
  progress(`the greatest rate with a sink of ${latencyMs} ms`);
  const { eventsPerSecond: greatest } = costOf(
    await rig.run({ stream: 'EVENTS', name: 'fast' }),
    await rig.idle({}, starts),
  );
  const rate = Math.round(greatest * flags.load);

  await createStream(rig.connection, 'LIVE', ['live.>']);
  const engine = await rig.start({ stream: 'LIVE', name: 'live' });
  const publish = pacedPublisher(rig.connection, 'live.event', workload);
  /** Publishes, and answers with what the sink says once nothing more arrives. */
  const measured = async (seconds: number): Promise<Latencies> => {
    await fetch(sink, { method: 'DELETE' });
    await publish(rate, seconds);
    let found: Latencies = { count: 0, p50: 0, p99: 0, most: 0 };
    for (let before = -1; found.count !== before;) {
      before = found.count;
      await delay(batchWindowMs + latencyMs + 500);
      found = (await (await fetch(sink)).json()) as Latencies;
    }
    // A few of the generated events are never sent, such as those of sign-ups and those that came from Braze.
    const wanted = 0.97 * rate * seconds * workload.passShare;
    if (found.count < wanted) throw new Error(`the sink accepted ${found.count} events rather than ${wanted}`);
    return found;
  };
  progress(`warms up at ${rate} events a second`);
  await measured(Math.min(5, flags.seconds));
  progress(`${rate} events a second for ${flags.seconds} s, sink of ${latencyMs} ms`);
  const { p50, p99, most } = await measured(flags.seconds);
  rows.push({ name: String(latencyMs), cells: [greatest, rate, p50, p99, most] });
  const bound = batchWindowMs + 100 + latencyMs;
  reading.push(
    `At ${rate.toLocaleString('en')} events a second and a sink of ${latencyMs} ms, 99 % of events are accepted within ${p99} ms; the bound is ${bound} ms.`,
  );
  engine.kill('SIGTERM');
  await once(engine, 'exit');
}
report(
  {
    tables: [
      {
        title: 'From publishing to acceptance, in ms',
        columns: ['answer of the sink after ms', 'greatest rate', 'rate', 'p50', 'p99', 'at most'],
        rows,
      },
    ],
    reading,
  },
  { natsServer },
);
