import { Command } from 'commander';
import { UsageError } from '../core/errors.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import type { GatewayOptions } from '../gateway/options.ts';
import { serveHttp } from '../http.ts';
import { createLog } from '../log.ts';
import { Metrics } from '../metrics.ts';
import { connectNats } from '../nats/connect.ts';
import { readSettings, type Settings } from '../settings.ts';
import { settingsHelp } from './settings-help.ts';
import { onStopSignal } from './stop-signal.ts';

/** `gateway`: Amplitude's HTTP API, and the receiving end of Braze Currents, in front of the stream. */
export function gatewayCommand(): Command {
  return new Command('gateway')
    .description("Takes events in by Amplitude's HTTP API, and from Braze Currents, and stores them in JetStream.")
    .addHelpText('after', help())
    .action(run);
}

const help = (): string => `
Example:
  Take events of the key abc into the stream EVENTS, and send it one:

    $ SLUICE_GATEWAY_KEYS=abc=EVENTS sluice gateway
    $ curl http://127.0.0.1:8080/2/httpapi -d '{"api_key":"abc",
        "events":[{"user_id":"mia-1","event_type":"Purchase","insert_id":"1"}]}'

  An Amplitude SDK sends here when its serverUrl is http://127.0.0.1:8080/2/httpapi.

It serves POST /2/httpapi, /batch, /identify, /groupidentify and, if SLUICE_CURRENTS_TOKEN is set, /currents. Health and
metrics are served under /livez, /readyz and /metrics. Settings, from the environment:
${settingsHelp()}`;

async function run(): Promise<void> {
  const settings = readSettings();
  const log = createLog(settings);
  const connection = await connectNats(settings.nats, log);
  try {
    const metrics = new Metrics();
    const gateway = await openGateway(settings, { connection, log, metrics });
    const health = {
      get ready() {
        return gateway.ready;
      },
      health: [],
    };
    const http = await serveHttp({ ...settings.http, engine: health, metrics });
    log.info({ url: http.url }, 'Health and metrics are served.');
    const signal = await new Promise<NodeJS.Signals>(onStopSignal);
    log.info({ signal }, 'Stopping: no more requests are taken, those that are under way are answered.');
    await gateway.close(settings.drainMs);
    await http.close();
  } finally {
    await connection.close();
  }
}

/** Starts a gateway as the settings have it. Throws a UsageError when they let nobody in. */
export async function openGateway(
  settings: Settings,
  { connection, log, metrics }: Pick<GatewayOptions, 'connection' | 'log'> & { readonly metrics: Metrics },
): Promise<Gateway> {
  const { keys, currents } = settings.gateway;
  if (keys.size === 0 && currents === undefined) {
    throw new UsageError('the gateway would let nobody in: set SLUICE_GATEWAY_KEYS to KEY=STREAM');
  }
  const gateway = await startGateway({ ...settings.gateway, connection, log, registry: metrics.registry });
  log.info({ gateway: gateway.url }, 'The gateway takes events.');
  return gateway;
}
