import type { Entry } from '../../core/entry.ts';
import type { Sink } from '../../core/sink.ts';
import { type HttpRequest, sender, type SenderOptions } from '../http/sender.ts';
import { type AmplitudeConfig, paths } from './config.ts';
import { bodyLimits, encodeEvent, uploadBody } from './request.ts';
import { readReply } from './response.ts';

export interface AmplitudeSinkOptions extends Omit<SenderOptions, 'destination' | 'request'> {
  readonly config: AmplitudeConfig;
}

/** Delivers to Amplitude's HTTP V2 or Batch API: amplitude.com/docs/apis/analytics/http-v2. */
export function amplitudeSink({ config, ...options }: AmplitudeSinkOptions): Sink {
  return {
    limits: bodyLimits[config.api],
    encode: encodeEvent,
    encodeUpdate: neverAsked,
    write: sender({ ...options, destination: 'Amplitude', request: amplitudeRequest(config) }),
  };
}

/** The request that holds these entries. Without any, Amplitude looks at the key and misses the events. */
export function amplitudeRequest(config: AmplitudeConfig): (entries: readonly Entry[]) => HttpRequest {
  const path = paths[config.api];
  const headers = { 'content-type': 'application/json', accept: '*/*' };
  return (entries) => ({
    path,
    headers,
    body: uploadBody(config, entries, config.apiKey),
    objects: entries.length,
    accepted: (refused) => entries.length - refused.size,
    read: (reply) => readReply(reply, { entries, now: Date.now(), secret: config.apiKey }),
  });
}

/** Amplitude learns of users from its own events; no sync to it has `users`. */
export function neverAsked(): never {
  throw new Error('a sync to Amplitude sends no updates of users');
}
