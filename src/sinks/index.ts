/** The kinds of destinations. To add one: its folder, and a case in each of these functions. */
import type { Entry } from '../core/entry.ts';
import type { Sink } from '../core/sink.ts';
import type { AmplitudeConfig } from './amplitude/config.ts';
import { bodyLimits as amplitudeLimits, encodeEvent as encodeAmplitudeEvent, uploadBody } from './amplitude/request.ts';
import { amplitudeRequest, amplitudeSink, neverAsked } from './amplitude/sink.ts';
import { trackBody } from './braze/body.ts';
import type { BrazeConfig } from './braze/config.ts';
import { bodyLimits as brazeLimits, encodeEvent as encodeBrazeEvent, encodeUpdate } from './braze/request.ts';
import { brazeRequest, brazeSink } from './braze/sink.ts';
import { checkKey, type KeyCheck } from './http/check-key.ts';
import type { SenderOptions } from './http/sender.ts';

/** Where a sync sends to, ready to be sent to. */
export type Destination =
  | ({ readonly type: 'braze' } & BrazeConfig)
  | ({ readonly type: 'amplitude' } & AmplitudeConfig);

/** What a destination is called by people. */
export const titles: Readonly<Record<Destination['type'], string>> = { braze: 'Braze', amplitude: 'Amplitude' };

/** How a destination writes what it is sent. */
export interface Format extends Omit<Sink, 'write'> {
  /** The body of a request that holds these entries, without the key. */
  body(entries: readonly Entry[]): string;
}

export interface SinkOptions extends Omit<SenderOptions, 'destination' | 'request'> {
  /** Whether a destination that can be asked says which updates of users it has from before a crash. */
  readonly asksAfterCrash?: boolean;
}

/** The sink of a destination. */
export function openSink(destination: Destination, options: SinkOptions): Sink {
  if (destination.type === 'amplitude') return amplitudeSink({ config: destination, ...options });
  return brazeSink({ config: destination, ...options });
}

/** What a destination would be sent, for runs that send nothing. */
export function formatOf(destination: Destination): Format {
  if (destination.type === 'amplitude') {
    return {
      limits: amplitudeLimits[destination.api],
      encode: encodeAmplitudeEvent,
      encodeUpdate: neverAsked,
      body: (entries) => uploadBody(destination, entries),
    };
  }
  return {
    limits: brazeLimits,
    encode: encodeBrazeEvent(destination),
    encodeUpdate: encodeUpdate(destination),
    body: (entries) => trackBody(entries).body,
  };
}

/** Asks a destination whether it takes the key, by a request that holds nothing; it counts as one request. */
export async function checkDestination(destination: Destination): Promise<KeyCheck> {
  const request = destination.type === 'amplitude' ? amplitudeRequest(destination) : brazeRequest(destination);
  return await checkKey(destination.endpoint, request([]));
}
