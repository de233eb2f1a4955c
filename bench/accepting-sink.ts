import type { Outcome } from '../src/core/message.ts';
import type { Sink } from '../src/core/sink.ts';
import { trackBody } from '../src/sinks/braze/body.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from '../src/sinks/braze/request.ts';
import type { Sync } from '../src/syncs/sync.ts';
import { consumed } from './harness.ts';

/** Braze's sink without HTTP: it writes the body of each request, and accepts it at once. */
export function acceptingSink({ destination }: Sync): Sink {
  const delivered: Outcome = { kind: 'delivered', attempts: 1 };
  return {
    limits: bodyLimits,
    encode: encodeEvent(destination),
    encodeUpdate: encodeUpdate(destination),
    write(entries) {
      consumed.last = trackBody(entries);
      return Promise.resolve(entries.map(() => delivered));
    },
  };
}
