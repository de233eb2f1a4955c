import { randomUUID } from 'node:crypto';
import { createHistogram } from 'node:perf_hooks';
import { Command } from 'commander';
import { ConfigError, exitCodes, UsageError } from '../core/errors.ts';
import { Engine } from '../engine.ts';
import { createLog } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { connectNats } from '../nats/connect.ts';
import { findNatsServer } from '../nats/find-server.ts';
import { startNatsServer } from '../nats/start-server.ts';
import { createStream, openStream } from '../nats/stream.ts';
import { deleteBucket } from '../profiles/bucket.ts';
import { copyEnvironment, readSettings, type Settings } from '../settings.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { loadSyncsOrThrow } from '../syncs/load.ts';
import type { Sync } from '../syncs/sync.ts';
import { publishEvents } from './demo/publish.ts';
import { type Summary, summarise, summaryText } from './demo/summary.ts';
import { summariseWayBack } from './demo/way-back-summary.ts';
import { openWayBack } from './demo/way-back.ts';
import { showProgress } from './demo/view.ts';
import { onStopSignal } from './stop-signal.ts';

interface DemoOptions {
  readonly duration: number;
  readonly rate: number;
  readonly rules?: string;
  readonly json?: true;
  readonly bothWays?: true;
}

/** `demo`: the whole thing on one machine with nothing set up. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Starts a nats-server and the Braze simulator, publishes realistic events, runs the rules, and shows what happens.',
    )
    .option('--duration <time>', 'how long events are published, such as 30s or 2m', durationMs, 30_000)
    .option('--rate <n>', 'events a second', positive, 1_000)
    .option('--rules <dir>', 'folder of the rule files (SLUICE_RULES)')
    .option(
      '--both-ways',
      'also the way back: what Braze tells by Currents, through the gateway, to the Amplitude simulator',
    )
    .option('--json', 'end with the summary as one JSON line on stdout')
    .addHelpText(
      'after',
      `
Example:
  sluice demo --duration 10s --rate 2000
  sluice demo --both-ways

With NATS_URL set that server is used instead of one of its own; the streams of the demo are removed at its end.`,
    )
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const settings = readSettings();
  // With --json stdout holds the summary alone.
  const out = options.json === true ? process.stderr : process.stdout;
  await using resources = new AsyncDisposableStack();

  const rules = options.rules ?? settings.rules;
  const syncs = await demoSyncs(rules, options.bothWays === true);
  const url = await natsUrl(settings, resources, out);
  const connection = await connectNats({ ...settings.nats, urls: url });
  resources.defer(() => connection.close());
  const log = createLog({ ...settings, log: { ...settings.log, level: 'warn' } });

  const name = `SLUICE_DEMO_${randomUUID().slice(0, 8)}`;
  const prefix = `${name}.`;
  const stream = await createStream(connection, name, [`${prefix}>`]);
  resources.defer(() => stream.delete());
  const back = options.bothWays && (await openWayBack({ connection, name, settings, log }, resources));
  const simulator = resources.use(
    await startSimulator({ keep: 'counts', latencyMs: [10, 40], ...(back && { currents: back.currents }) }),
  );
  const deadLetters = `${name}_DEAD_LETTERS`;
  out.write(`NATS at ${url.join(', ')}, Braze simulator at ${simulator.url}\n`);
  if (back) out.write(`Gateway at ${back.gateway}, Amplitude simulator at ${back.amplitude.url}\n`);
  out.write(`${syncs.length} syncs, ${options.rate} events a second for ${options.duration / 1_000} s\n\n`);

  // Under names of their own, so that syncs which run on the same server keep their consumers and states.
  const own = syncs.map((sync): Sync => {
    const toBraze = sync.destination.type === 'braze' || back === undefined;
    const { url: endpoint, key: apiKey } = toBraze ? simulator : back.amplitude;
    const source = toBraze
      ? { stream: name, subjects: prefix + sync.source.subjects }
      : { stream: back.stream.name, subjects: back.subject(sync.source.subjects) };
    return {
      ...sync,
      name: `${name}_${sync.name}`,
      enabled: true,
      source: { ...source, start: 'all' },
      destination: { ...sync.destination, endpoint, apiKey },
    };
  });
  const metrics = new Metrics();
  const latency = createHistogram();
  const engineOf = (type: Sync['destination']['type']): Engine =>
    new Engine({
      connection,
      syncs: own.filter(({ destination }) => destination.type === type),
      deadLetters,
      deadLetterLimits: { maxAgeMs: 0, maxBytes: 0 },
      drainMs: settings.drainMs,
      metrics,
      log,
    });
  const engines = [engineOf('braze'), engineOf('amplitude')] as const;
  const namesOf = (type: Sync['destination']['type']): string[] =>
    own.filter(({ destination }) => destination.type === type).map((sync) => sync.name);
  const names = namesOf('braze');
  for (const sync of names) metrics.of(sync).onLatency = (ms) => latency.record(Math.max(1, Math.round(ms)));
  for (const engine of engines) await engine.start();
  const letters = await openStream(connection, deadLetters);
  resources.defer(() => letters.delete());
  for (const { name: sync } of own) resources.defer(async () => void (await deleteBucket(connection, sync)));

  const interrupted = new AbortController();
  const forget = onStopSignal(() => interrupted.abort());
  const view = showProgress({
    metrics,
    syncs: own.map((sync, index) => ({ name: sync.name, label: syncs[index]?.name ?? sync.name })),
    out,
  });
  const published = await publishEvents(
    { stream, prefix, rate: options.rate, durationMs: options.duration },
    interrupted.signal,
  );
  for (const engine of engines) {
    engine.finish();
    await engine.done();
    // What Braze tells of the last events is on its way before the way back ends.
    await simulator.currents?.flush();
  }
  view.stop();
  forget();

  const wayBack =
    back &&
    summariseWayBack({
      metrics,
      syncs: namesOf('amplitude'),
      currents: simulator.currents?.counts(),
      stored: await back.stream.messages(),
      amplitude: back.amplitude.counts(),
    });
  report(summarise({ metrics, syncs: names, published, latency, simulator, wayBack }), options.json === true);
}

function report(summary: Summary, json: boolean): void {
  (json ? process.stderr : process.stdout).write(`\n${summaryText(summary)}`);
  if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (summary.disagreements.length > 0) process.exitCode = exitCodes.invalid;
}

/**
 * The enabled syncs to Braze, and those to Amplitude, enabled or not, for both ways. Their own endpoints and keys are not
 * used, so they may be unset.
 */
async function demoSyncs(rules: string, bothWays: boolean): Promise<readonly Sync[]> {
  const env = { BRAZE_API_KEY: 'demo', AMPLITUDE_API_KEY: 'demo', BRAZE_APP_ID: randomUUID(), ...copyEnvironment() };
  const { syncs } = await loadSyncsOrThrow(rules, { env, missingEnv: 'placeholder' });
  const enabled = syncs.filter(({ enabled, destination }) => enabled && destination.type === 'braze');
  if (enabled.length === 0)
    throw new ConfigError(`there is no enabled sync to Braze in ${rules}; add a rule file, or enable one`);
  const back = bothWays ? syncs.filter(({ destination }) => destination.type === 'amplitude') : [];
  if (bothWays && back.length === 0)
    throw new ConfigError(
      `there is no sync to Amplitude in ${rules}; add one, such as rules/both-ways/engagement-back.yaml`,
    );
  return [...enabled, ...back];
}

/** The server of the settings if the environment names one, else one of its own. */
async function natsUrl(
  settings: Settings,
  resources: AsyncDisposableStack,
  out: NodeJS.WriteStream,
): Promise<readonly string[]> {
  if ((copyEnvironment()['NATS_URL'] ?? '') !== '') return settings.nats.urls;
  const binary = await findNatsServer({ onProgress: (text) => out.write(`${text}\n`) });
  const server = resources.use(await startNatsServer({ binary }));
  return [server.url];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function durationMs(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * (unitMs[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`--duration ${text} is no duration; write 30s, 2m or 1h`);
  return ms;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`--rate ${text} is no rate; write a number above 0`);
  return value;
}
