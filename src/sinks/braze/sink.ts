import type { Entry } from '../../core/entry.ts';
import type { Sink } from '../../core/sink.ts';
import { type HttpRequest, sender, type SenderOptions } from '../http/sender.ts';
import { trackBody } from './body.ts';
import type { BrazeConfig } from './config.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from './request.ts';
import { readReply } from './response.ts';

export interface BrazeSinkOptions extends Omit<SenderOptions, 'destination' | 'request'> {
  readonly config: BrazeConfig;
}

/** Delivers to Braze's `/users/track`: braze.com/docs/api/endpoints/user_data/post_user_track. */
export function brazeSink({ config, ...options }: BrazeSinkOptions): Sink {
  return {
    limits: bodyLimits,
    encode: encodeEvent(config),
    encodeUpdate: encodeUpdate(config),
    write: sender({ ...options, destination: 'Braze', request: brazeRequest(config) }),
  };
}

/**
 * The request that holds these entries. Without any, Braze looks at the key and then refuses it with 400
 * (braze.com/docs/api/errors), so that nothing changes there.
 */
export function brazeRequest({ apiKey }: Pick<BrazeConfig, 'apiKey'>): (entries: readonly Entry[]) => HttpRequest {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return (entries) => {
    const { body, places } = trackBody(entries);
    return {
      path: '/users/track',
      headers,
      body,
      objects: [...places.attributes, ...places.events],
      read: (reply) => readReply(reply, { places, now: Date.now(), secret: apiKey }),
    };
  };
}
