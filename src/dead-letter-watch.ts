import { messageOf } from './core/errors.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Connection } from './sources/jetstream/consumer.ts';
import { type DeadLetterLimits, ensureDeadLetterStream, readLevel } from './sources/jetstream/dead-letter-stream.ts';

export interface DeadLetterWatchOptions {
  readonly connection: Connection;
  readonly stream: string;
  readonly limits: DeadLetterLimits;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly everyMs?: number;
}

/** Part of the room, or of the time, that is left when it is told. */
const warnAtShare = 0.2;

/**
 * Looks at the stream of dead letters now and then, until it is told to stop: for the metrics, to say in time that it
 * fills up or that letters reach their age, and to make it again if somebody has deleted it.
 */
export function watchDeadLetters(options: DeadLetterWatchOptions): { stop(): void } {
  const { everyMs = 30_000 } = options;
  const warned = { room: false, age: false };
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    await lookOnce(options, warned).catch((error: unknown) =>
      options.log.debug({ why: messageOf(error) }, 'The stream of dead letters cannot be looked at.'),
    );
    looking = false;
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return { stop: () => clearInterval(timer) };
}

async function lookOnce(
  { connection, stream, limits, metrics, log }: DeadLetterWatchOptions,
  warned: { room: boolean; age: boolean },
): Promise<void> {
  const level = await readLevel(connection, stream);
  metrics.deadLetters = level;
  if (level === undefined) {
    log.error({ stream }, 'The stream of dead letters is gone, with all that was in it. It is made again.');
    await ensureDeadLetterStream(connection, stream, limits);
    return;
  }
  const { letters, bytes, maxBytes, maxAgeMs, oldestAt } = level;
  const isFillingUp = maxBytes !== undefined && bytes > maxBytes * (1 - warnAtShare);
  if (isFillingUp && !warned.room) {
    log.warn(
      { stream, letters, bytes, maxBytes },
      'The stream of dead letters fills up. Once it is full, syncs come to a stand: replay or purge letters.',
    );
  }
  const isAging =
    maxAgeMs !== undefined && oldestAt !== undefined && Date.now() - oldestAt > maxAgeMs * (1 - warnAtShare);
  if (isAging && !warned.age) {
    log.warn(
      { stream, letters, oldest: new Date(oldestAt).toISOString(), maxAgeMs },
      'The oldest dead letters will soon reach the age at which they are removed: replay them, or let them go.',
    );
  }
  warned.room = isFillingUp;
  warned.age = isAging;
}
