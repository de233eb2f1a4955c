/**
 * The engine of a soak, a process of its own: prints a sample of itself each second as a JSON line, and a last one once
 * it was told to stop (SIGTERM) and has.
 *
 * node --expose-gc test/chaos/soak-engine.ts RULES.yaml NATS_URL
 */
import { Engine } from '../../src/engine.ts';
import { createLog } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { loadSyncsOrThrow } from '../../src/syncs/load.ts';
import type { Sample } from './samples.ts';

const [rules = '', natsUrl = ''] = process.argv.slice(2);
const log = createLog({ log: { level: 'fatal', format: 'json' }, secrets: [] });
const { syncs } = await loadSyncsOrThrow(rules, { env: {} });
const connection = await connectNats({ urls: [natsUrl] });
const metrics = new Metrics();
const engine = new Engine({
  connection,
  syncs,
  deadLetters: 'DEAD',
  drainMs: 25_000,
  ackWaitMs: 3_000,
  metrics,
  log,
  // Short, so that faults come often.
  pacing: { backoff: { firstMs: 50, maxMs: 500 }, holdMs: 500 },
  timeouts: { totalTimeoutMs: 2_000 },
});
await engine.start();
const began = performance.now();
const timer = setInterval(() => process.stdout.write(`${JSON.stringify(sample())}\n`), 1_000);
process.once('SIGTERM', () => {
  engine
    .stop()
    .then(() => connection.close())
    .then(() => {
      clearInterval(timer);
      process.stdout.write(`${JSON.stringify(sample())}\n`);
    })
    .catch((error: unknown) => {
      throw error;
    });
});

function sample(): Sample {
  // What nobody refers to any more is no leak.
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const [counts] = syncs.map(({ name }) => metrics.of(name));
  return {
    ms: Math.round(performance.now() - began),
    rssBytes: rss,
    heapBytes: heapUsed,
    resources,
    received: counts?.counts.received ?? 0,
    delivered: counts?.delivered ?? 0,
    inFlight: counts?.inFlight ?? 0,
  };
}
