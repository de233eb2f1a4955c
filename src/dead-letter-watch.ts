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
  const seen: Seen = { isStopped: false, isFillingUp: false, isAging: false, expiresAt: Infinity };
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    await lookOnce(options, seen).catch((error: unknown) =>
      options.log.debug({ why: messageOf(error) }, 'The stream of dead letters cannot be looked at.'),
    );
    looking = false;
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return {
    stop() {
      seen.isStopped = true;
      clearInterval(timer);
    },
  };
}

/** What the last look found, so that it is told once. */
interface Seen {
  /** Nothing more is to be told, or made. */
  isStopped: boolean;
  isFillingUp: boolean;
  isAging: boolean;
  /** When the letter that was the oldest reached its age; in milliseconds since 1970. */
  expiresAt: number;
}

async function lookOnce(
  { connection, stream, limits, metrics, log }: DeadLetterWatchOptions,
  seen: Seen,
): Promise<void> {
  const level = await readLevel(connection, stream);
  if (seen.isStopped) return;
  metrics.deadLetters = level;
  if (level === undefined) {
    log.error({ stream }, 'The stream of dead letters is gone, with all that was in it. It is made again.');
    await ensureDeadLetterStream(connection, stream, limits);
    return;
  }
  const { letters, bytes, maxBytes, maxAgeMs, oldestAt } = level;
  const isFillingUp = maxBytes !== undefined && bytes > maxBytes * (1 - warnAtShare);
  if (isFillingUp && !seen.isFillingUp) {
    log.warn(
      { stream, letters, bytes, maxBytes },
      'The stream of dead letters fills up. Once it is full, syncs come to a stand: replay or purge letters.',
    );
  }
  const isAging =
    maxAgeMs !== undefined && oldestAt !== undefined && Date.now() - oldestAt > maxAgeMs * (1 - warnAtShare);
  if (isAging && !seen.isAging) {
    log.warn(
      { stream, letters, oldest: new Date(oldestAt).toISOString(), maxAgeMs },
      'The oldest dead letters will soon reach the age at which they are removed: replay them, or let them go.',
    );
  }
  const expiresAt = maxAgeMs === undefined || oldestAt === undefined ? Infinity : oldestAt + maxAgeMs;
  if (seen.expiresAt <= Date.now() && expiresAt > seen.expiresAt) {
    log.warn({ stream, maxAgeMs }, 'Dead letters have reached the age at which they are removed, and are gone.');
  }
  seen.isFillingUp = isFillingUp;
  seen.isAging = isAging;
  seen.expiresAt = expiresAt;
}
