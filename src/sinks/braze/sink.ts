import type { Entry } from '../../core/entry.ts';
import type { Outcome } from '../../core/message.ts';
import type { Sink } from '../../core/sink.ts';
import type { Telemetry } from '../../core/telemetry.ts';
import { type HttpRequest, sender, type SenderOptions } from '../http/sender.ts';
import { settleSome } from '../http/settle.ts';
import { attributesIn, type Places, placesOf, trackBody } from './body.ts';
import type { BrazeConfig } from './config.ts';
import { confirmation } from './confirm.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from './request.ts';
import { readReply } from './response.ts';

export interface BrazeSinkOptions extends Omit<SenderOptions, 'destination' | 'request'> {
  readonly config: BrazeConfig;
  /** Whether Braze is asked which of the updates it has that an engine which crashed may have sent. */
  readonly asksAfterCrash?: boolean;
}

/** Delivers to Braze's `/users/track`: braze.com/docs/api/endpoints/user_data/post_user_track. */
export function brazeSink(options: BrazeSinkOptions): Sink {
  const { config, telemetry } = options;
  const requestOf = brazeRequest(config);
  const request = (entries: readonly Entry[]): HttpRequest => counted(requestOf(entries), entries, telemetry);
  const send = sender({ ...options, destination: 'Braze', request });
  const encoded = encodeUpdate(config);
  const confirmed = confirmation(options);
  return {
    limits: bodyLimits,
    encode: encodeEvent(config),
    encodeUpdate(update, storedAt) {
      const entry = encoded(update, storedAt);
      confirmed?.note(entry);
      return entry;
    },
    async write(entries, abort) {
      if (confirmed === undefined) return await send(entries, abort);
      await confirmed.written(entries);
      const isKnown = confirmed.concerns(entries) ? await confirmed.known(entries, abort) : () => false;
      const outcomes = await settleSome(
        entries,
        (entry) => (isKnown(entry) ? known : undefined),
        (rest) => send(rest, abort),
      );
      confirmed.answered(entries);
      return outcomes;
    },
  };
}

/** The request, and its answer tells how many attributes of users Braze accepted. */
function counted(request: HttpRequest, entries: readonly Entry[], telemetry: Telemetry): HttpRequest {
  if (!entries.some(({ kind }) => kind === 'update')) return request;
  return {
    ...request,
    read(reply) {
      const verdict = request.read(reply);
      if (verdict.kind === 'accepted') {
        telemetry.attributesAccepted(attributesIn(entries.filter((_, place) => !verdict.refused.has(place))));
      }
      return verdict;
    },
  };
}

/** What Braze has was accepted by an attempt of the engine that crashed. */
const known: Outcome = { kind: 'delivered', attempts: 1 };

/**
 * The request that holds these entries. Without any, Braze looks at the key and then refuses it with 400
 * (braze.com/docs/api/errors), so that nothing changes there.
 */
export function brazeRequest({ apiKey }: Pick<BrazeConfig, 'apiKey'>): (entries: readonly Entry[]) => HttpRequest {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return (entries) => {
    const { body, objects } = trackBody(entries);
    const places = (): Places => placesOf(entries);
    return {
      path: '/users/track',
      headers,
      body,
      objects,
      accepted: (refused) =>
        Object.values(places())
          .flat()
          .filter(([entry = -1]) => !refused.has(entry)).length,
      read: (reply) => readReply(reply, { places, now: Date.now(), secret: apiKey }),
    };
  };
}
