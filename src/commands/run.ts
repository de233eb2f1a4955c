import { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { Engine } from '../engine.ts';
import { serveHttp } from '../http.ts';
import { createLog } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { connectNats } from '../nats/connect.ts';
import { copyEnvironment, readSettings } from '../settings.ts';
import { loadSyncsOrThrow } from '../syncs/load.ts';
import type { Sync } from '../syncs/sync.ts';
import { formatProblem } from '../syncs/problems.ts';
import { openGateway } from './gateway.ts';
import { settingsHelp } from './settings-help.ts';
import { onStopSignal } from './stop-signal.ts';

interface RunOptions {
  readonly rules?: string;
  readonly once?: true;
  readonly json?: true;
  readonly gateway?: true;
}

/** `run`: every enabled sync as a NATS consumer. */
export function runCommand(): Command {
  return new Command('run')
    .description('Runs every enabled sync until SIGINT or SIGTERM; then delivers what is in flight and ends.')
    .option('--rules <dir>', 'folder of the rule files (SLUICE_RULES)')
    .option('--once', 'end when nothing is pending and every message is settled')
    .option('--gateway', 'take events in as well, as the command gateway does')
    .option('--json', 'end with one JSON line: the counts of each sync, and what the process has used')
    .addHelpText(
      'after',
      `
Example:
  NATS_URL=nats://nats:4222 BRAZE_API_KEY=… BRAZE_APP_ID=… sluice run --rules ./rules

Health and metrics are served under /livez, /readyz and /metrics. Settings, from the environment:
${settingsHelp()}`,
    )
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  const settings = readSettings();
  const secrets = new Set<string>();
  const log = createLog(settings, secrets);
  const rules = options.rules ?? settings.rules;
  const { syncs, problems } = await loadSyncsOrThrow(rules, { env: copyEnvironment() });
  for (const { destination } of syncs) secrets.add(destination.apiKey);
  for (const problem of problems) log.warn(formatProblem(problem));
  const enabled = syncs.filter((sync) => sync.enabled);
  if (enabled.length === 0)
    throw new ConfigError(`there is no enabled sync in ${rules}; add a rule file, or enable one`);

  const connection = await connectNats(settings.nats, log);
  try {
    const metrics = new Metrics();
    // First, for it makes the streams that the syncs read.
    const gateway = options.gateway && (await openGateway(settings, { connection, log, metrics }));
    const engine = new Engine({
      connection,
      syncs: enabled,
      deadLetters: settings.deadLetters,
      drainMs: settings.drainMs,
      ackWaitMs: settings.ackWaitMs,
      stateCache: settings.stateCache,
      metrics,
      log,
      once: options.once ?? false,
    });
    await engine.start();
    const http = await serveHttp({ ...settings.http, engine, metrics });
    log.info({ url: http.url }, 'Health and metrics are served.');
    const forget = onStopSignal((signal) => {
      log.info({ signal }, 'Stopping: nothing more is taken in, what is in flight is delivered.');
      Promise.all([gateway?.close(settings.drainMs), engine.stop()]).catch((error: unknown) =>
        log.error({ err: error }, 'The stop failed.'),
      );
    });
    await engine.done();
    forget();
    await gateway?.close(settings.drainMs);
    await http.close();
    if (options.json === true) process.stdout.write(`${JSON.stringify(reportOf(enabled, metrics))}\n`);
  } finally {
    await connection.close();
  }
}

/** The counts of each sync, and what the process has used. */
function reportOf(syncs: readonly Sync[], metrics: Metrics) {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    syncs: syncs.map(({ name }) => {
      const { counts, inFlight } = metrics.of(name);
      return { sync: name, ...counts, inFlight };
    }),
    process: {
      uptimeMs: Math.round(process.uptime() * 1_000),
      cpuMs: Math.round((userCPUTime + systemCPUTime) / 1_000),
      maxRssBytes: maxRSS * 1_024,
    },
  };
}
