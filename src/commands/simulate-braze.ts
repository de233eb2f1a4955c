import { Command, Option } from 'commander';
import { UsageError } from '../core/errors.ts';
import {
  type Counts,
  type HeaderModel,
  type ObjectLimit,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../simulator/simulator.ts';
import { portNumber, wholeNumber } from './numbers.ts';
import { onStopSignal } from './stop-signal.ts';

interface Flags {
  readonly port: number;
  readonly key?: string;
  readonly latency: number;
  readonly headerModel: HeaderModel;
  readonly limit: ObjectLimit;
  readonly burst?: number;
  readonly hourly?: number;
  readonly currentsUrl?: string;
  readonly currentsToken?: string;
  readonly currentsFlush: number;
  readonly json: boolean;
}

const statusEveryMs = 5000;

/** `simulate-braze`: the Braze simulator alone, until SIGINT or SIGTERM. */
export function simulateBrazeCommand(): Command {
  return new Command('simulate-braze')
    .description('Runs the Braze simulator: /users/track on this machine, strict as Braze, with faults on demand.')
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', portNumber, 0)
    .option('--key <key>', 'the one REST API key it knows')
    .option('--latency <ms>', 'how long each request waits for its response', wholeNumber, 0)
    .addOption(
      new Option('--header-model <model>', 'rate-limit headers: of the API-wide docs, or of MAU contracts')
        .choices(['epoch', 'mau'])
        .default('epoch'),
    )
    .addOption(
      new Option('--limit <model>', 'objects in a request')
        .choices(['combined75', 'perArray75', 'combined50'])
        .default('combined75'),
    )
    .option('--burst <requests>', 'requests in 3 seconds (default: 3000)', wholeNumber)
    .option('--hourly <requests>', 'requests in a clock hour (default: no limit)', wholeNumber)
    .option(
      '--currents-url <url>',
      'tell of what it takes, as Braze Currents does: such as http://127.0.0.1:8080/currents',
    )
    .option('--currents-token <token>', 'the bearer token for that')
    .option('--currents-flush <ms>', 'how long an event waits for its batch to fill', wholeNumber, 1_000)
    .option('--json', 'print one JSON line with the url and the key, and nothing else', false)
    .addHelpText('after', examples)
    .action(run);
}

const examples = `
Examples:
  Run it, send it something, and look at what it took:

    $ sluice simulate-braze --port 8080 --key secret
    $ curl http://127.0.0.1:8080/users/track -H 'Authorization: Bearer secret' \\
        -H 'Content-Type: application/json' \\
        -d '{"events":[{"external_id":"u1","name":"Purchase","time":"2026-01-01T00:00:00Z"}]}'
    $ curl http://127.0.0.1:8080/_simulator/counts
    $ curl 'http://127.0.0.1:8080/_simulator/events?user=u1'

  Answer the next three requests with 503:

    $ curl http://127.0.0.1:8080/_simulator/faults -H 'Content-Type: application/json' \\
        -d '{"fault":{"kind":"status","status":503},"times":3}'

  Tell a gateway of what it takes, and now and then of e-mails that were sent and opened:

    $ SLUICE_CURRENTS_TOKEN=secret sluice gateway
    $ sluice simulate-braze --currents-url http://127.0.0.1:8080/currents --currents-token secret

Below /_simulator: GET counts, requests, violations, profiles, profiles/EXTERNAL_ID, events, purchases; POST faults,
release; DELETE faults, keys/KEY (revokes it); PUT keys/KEY (restores it). DELETE /_simulator forgets everything.`;

async function run(flags: Flags): Promise<void> {
  await using simulator = await start(flags);
  const { url, key } = simulator;
  process.stdout.write(
    flags.json ? `${JSON.stringify({ url, key })}\n` : `Braze simulator at ${url} with the key ${key}\n`,
  );
  const reporter = !flags.json && process.stdout.isTTY ? setInterval(report(simulator), statusEveryMs) : undefined;
  await new Promise<NodeJS.Signals>(onStopSignal);
  clearInterval(reporter);
}

async function start(flags: Flags): Promise<Simulator> {
  const { port, key, latency, headerModel, limit, burst, hourly } = flags;
  const options: SimulatorOptions = {
    port,
    latencyMs: latency,
    headerModel,
    objectLimit: limit,
    ...(key === undefined ? {} : { keys: [{ key, permissions: ['users.track'] }] }),
    ...(burst === undefined ? {} : { burst: { requests: burst, perMs: 3000 } }),
    ...(hourly === undefined ? {} : { hourly }),
    ...currentsOf(flags),
  };
  try {
    return await startSimulator(options);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
    throw new UsageError(`--port ${port}: ${error.message}; choose another, or 0 for a free one`, { cause: error });
  }
}

function currentsOf({ currentsUrl: url, currentsToken: token, currentsFlush: flushMs }: Flags): SimulatorOptions {
  if (url === undefined && token === undefined) return {};
  if (url === undefined || token === undefined)
    throw new UsageError('--currents-url and --currents-token belong together; give both, or none');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError(`--currents-url ${url} is no URL; write http://<host>:<port>/currents`);
  return { currents: { url, token, flushMs } };
}

/** Writes a line when something has happened since the last one. */
function report(simulator: Simulator): () => void {
  let last = 0;
  return () => {
    const counts = simulator.counts();
    if (counts.requests !== last) process.stdout.write(`${new Date().toLocaleTimeString()}  ${summary(counts)}\n`);
    last = counts.requests;
  };
}

function summary({ requests, byStatus, accepted, rejected, violations }: Counts): string {
  const statuses = Object.entries(byStatus).map(([status, count]) => `${status}: ${count}`);
  const total = (counts: Counts['accepted']) => counts.attributes + counts.events + counts.purchases;
  return [
    `${requests} requests (${statuses.join(', ')})`,
    `${total(accepted)} objects accepted, ${total(rejected)} rejected`,
    `${violations} users with two requests in flight`,
  ].join(' · ');
}
