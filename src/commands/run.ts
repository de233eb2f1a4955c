import { Command } from 'commander';
import { ConfigError, exitCodes } from '../core/errors.ts';
import { Engine } from '../engine.ts';
import { followRules } from '../follow-rules.ts';
import { serveHttp } from '../http.ts';
import { createLog, redact } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { connectNats } from '../nats/connect.ts';
import { assertReady, findingText, preflight } from '../preflight.ts';
import { copyEnvironment, readSettings } from '../settings.ts';
import { loadSyncsOrThrow } from '../syncs/load.ts';
import { formatProblem } from '../syncs/problems.ts';
import { keepObjectsYoung } from '../young-generation.ts';
import { openGateway } from './gateway.ts';
import { settingsHelp } from './settings-help.ts';
import { onStopSignal } from './stop-signal.ts';

interface RunOptions {
  readonly rules?: string;
  readonly once?: true;
  readonly json?: true;
  readonly gateway?: true;
  readonly watch: boolean;
  readonly checkOnly?: true;
}

/** `run`: every enabled sync as a NATS consumer. */
export function runCommand(): Command {
  return new Command('run')
    .description('Runs every enabled sync until SIGINT or SIGTERM; then delivers what is in flight and ends.')
    .option('--rules <dir>', 'folder of the rule files (SLUICE_RULES)')
    .option('--once', 'end when nothing is pending and every message is settled')
    .option('--gateway', 'take events in as well, as the command gateway does')
    .option('--no-watch', 'reload the rules on SIGHUP alone, not when their files change')
    .option('--check-only', 'only look whether all that the syncs need is there, and tell: exit code 3 if it is not')
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
  keepObjectsYoung();
  const settings = readSettings();
  const secrets = new Set<string>();
  const log = createLog(settings, secrets);
  const rules = options.rules ?? settings.rules;
  const env = copyEnvironment();
  const loaded = await loadSyncsOrThrow(rules, { env });
  const { syncs, problems } = loaded;
  for (const { destination } of syncs) secrets.add(destination.apiKey);
  for (const problem of problems) log.warn(formatProblem(problem));
  const enabled = syncs.filter((sync) => sync.enabled);
  if (enabled.length === 0)
    throw new ConfigError(`there is no enabled sync in ${rules}; add a rule file, or enable one`);

  await using resources = new AsyncDisposableStack();
  const connection = await connectNats(settings.nats, log);
  resources.defer(() => connection.close());
  const metrics = new Metrics();
  // First, for it makes the streams that the syncs read.
  const gateway =
    options.gateway && options.checkOnly !== true && (await openGateway(settings, { connection, log, metrics }));
  if (gateway) resources.defer(() => gateway.close(settings.drainMs));
  const { deadLetters, replicas } = settings;
  const findings = await preflight({ connection, syncs: enabled, deadLetters, replicas });
  if (options.checkOnly === true) {
    for (const finding of findings)
      process.stdout.write(`${redact(findingText(finding), [...settings.secrets, ...secrets])}\n`);
    if (findings.some(({ state }) => state === 'error')) process.exitCode = exitCodes.unreachable;
    return;
  }
  assertReady(findings);
  for (const { state, what, words } of findings) log[state === 'ok' ? 'debug' : 'warn'](`${what}: ${words}`);
  const engine = new Engine({
    connection,
    syncs,
    deadLetters,
    deadLetterLimits: settings.deadLetterLimits,
    replicas,
    drainMs: settings.drainMs,
    ackWaitMs: settings.ackWaitMs,
    stateCache: settings.stateCache,
    metrics,
    log,
    once: options.once ?? false,
  });
  // Before the engine starts: a port that is taken ends the command while nothing runs yet.
  const http = await serveHttp({ ...settings.http, engine, metrics });
  resources.defer(() => http.close());
  await engine.start();
  if (options.once !== true) {
    const from = { rules, env, loaded, watch: options.watch };
    const following = followRules({ ...from, engine, connection, metrics: metrics.reloads, secrets, log });
    resources.defer(() => following.close());
  }
  log.info({ url: http.url }, 'Health and metrics are served.');
  const forget = onStopSignal((signal) => {
    log.info({ signal }, 'Stopping: nothing more is taken in, what is in flight is delivered.');
    Promise.all([gateway && gateway.close(settings.drainMs), engine.stop()]).catch((error: unknown) =>
      log.error({ err: error }, 'The stop failed.'),
    );
  });
  await engine.done();
  forget();
  if (options.json === true) process.stdout.write(`${JSON.stringify(reportOf(metrics))}\n`);
}

/** The counts of each sync, and what the process has used. */
function reportOf(metrics: Metrics) {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return {
    syncs: metrics.syncs.map((name) => {
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
