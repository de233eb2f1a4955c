import type { Outcome } from '../src/core/message.ts';
import type { Sink } from '../src/core/sink.ts';
import { formatOf } from '../src/sinks/index.ts';
import type { Sync } from '../src/syncs/sync.ts';
import { consumed } from './harness.ts';

/** A sync's sink without HTTP: it writes the body of each request, and accepts it at once. */
export function acceptingSink({ destination }: Sync): Sink {
  const delivered: Outcome = { kind: 'delivered', attempts: 1 };
  const format = formatOf(destination);
  return {
    ...format,
    write(entries) {
      consumed.last = format.body(entries);
      return Promise.resolve(entries.map(() => delivered));
    },
  };
}
