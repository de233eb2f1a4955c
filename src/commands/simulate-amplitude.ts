import { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { type AmplitudeSimulator, startAmplitudeSimulator } from '../simulator/amplitude/simulator.ts';
import { portNumber, wholeNumber } from './numbers.ts';
import { onStopSignal } from './stop-signal.ts';

interface Flags {
  readonly port: number;
  readonly key?: string;
  readonly latency: number;
  readonly throttle: boolean;
  readonly json: boolean;
}

/** `simulate-amplitude`: the Amplitude simulator alone, until SIGINT or SIGTERM. */
export function simulateAmplitudeCommand(): Command {
  return new Command('simulate-amplitude')
    .description(
      "Runs the Amplitude simulator: HTTP V2 and Batch on this machine, with Amplitude's limits and de-duplication.",
    )
    .option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', portNumber, 0)
    .option('--key <key>', 'the one API key it knows')
    .option('--latency <ms>', 'how long each request waits for its response', wholeNumber, 0)
    .option('--no-throttle', 'take any number of events of a user')
    .option('--json', 'print one JSON line with the url and the key, and nothing else', false)
    .addHelpText('after', examples)
    .action(run);
}

const examples = `
Examples:
  Run it, send it something twice, and see that it is there once:

    $ sluice simulate-amplitude --port 8081 --key secret
    $ curl http://127.0.0.1:8081/2/httpapi -H 'Content-Type: application/json' \\
        -d '{"api_key":"secret","events":[{"user_id":"user-1","event_type":"Opened","insert_id":"1"}]}'
    $ curl http://127.0.0.1:8081/_simulator/counts

  Take the next request and lose its answer:

    $ curl http://127.0.0.1:8081/_simulator/faults -H 'Content-Type: application/json' \\
        -d '{"fault":{"kind":"lost"}}'

Below /_simulator: GET counts, events; POST faults, release; DELETE faults. DELETE /_simulator forgets everything.`;

async function run(flags: Flags): Promise<void> {
  await using simulator = await start(flags);
  const { url, key } = simulator;
  process.stdout.write(
    flags.json ? `${JSON.stringify({ url, key })}\n` : `Amplitude simulator at ${url} with the key ${key}\n`,
  );
  await new Promise<NodeJS.Signals>(onStopSignal);
}

async function start({ port, key, latency, throttle }: Flags): Promise<AmplitudeSimulator> {
  try {
    return await startAmplitudeSimulator({
      port,
      latencyMs: latency,
      ...(key !== undefined && { keys: [key] }),
      ...(!throttle && { throttle: null, dailyQuota: null }),
    });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
    throw new UsageError(`--port ${port}: ${error.message}; choose another, or 0 for a free one`, { cause: error });
  }
}
