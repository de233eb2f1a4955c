import { randomUUID } from 'node:crypto';
import type { Log } from '../../log.ts';
import type { Connection } from '../../sources/jetstream/consumer.ts';
import { startGateway } from '../../gateway/gateway.ts';
import { openStream, type Stream } from '../../nats/stream.ts';
import type { Settings } from '../../settings.ts';
import { type AmplitudeSimulator, startAmplitudeSimulator } from '../../simulator/amplitude/simulator.ts';
import type { CurrentsOptions } from '../../simulator/simulator.ts';

/** The other half of the circle: what Braze tells, from the gateway to Amplitude. */
export interface WayBack {
  readonly amplitude: AmplitudeSimulator;
  /** The gateway that Braze tells. */
  readonly gateway: string;
  /** How the Braze simulator is to tell it. */
  readonly currents: CurrentsOptions;
  /** What the gateway keeps Braze's events in. */
  readonly stream: Stream;
  /** The subject in that stream for one of a rule, such as `currents.users.>`. */
  subject(ofRule: string): string;
}

interface WayBackOptions {
  readonly connection: Connection;
  /** A part of the stream's name. */
  readonly name: string;
  readonly settings: Settings;
  readonly log: Log;
}

/** How soon the Braze simulator tells of what happens; Braze itself takes up to 5 minutes. */
const flushMs = 250;

/** Starts a gateway and the Amplitude simulator, which end with the resources, as their stream does. */
export async function openWayBack(
  { connection, name, settings, log }: WayBackOptions,
  resources: AsyncDisposableStack,
): Promise<WayBack> {
  const amplitude = resources.use(await startAmplitudeSimulator({ latencyMs: [10, 40] }));
  const token = randomUUID();
  const streamName = `${name}_CURRENTS`;
  const gateway = await startGateway({
    ...settings.gateway,
    host: '127.0.0.1',
    port: 0,
    keys: new Map(),
    currents: { token, stream: streamName },
    connection,
    log,
  });
  resources.defer(() => gateway.close());
  const stream = await openStream(connection, streamName);
  resources.defer(() => stream.delete());
  return {
    amplitude,
    gateway: gateway.url,
    currents: { url: `${gateway.url}/currents`, token, flushMs },
    stream,
    // The gateway begins the subjects of a stream with its name.
    subject: (ofRule) => ofRule.replace(/^[^.]+(?=\.)/, streamName.toLowerCase()),
  };
}
