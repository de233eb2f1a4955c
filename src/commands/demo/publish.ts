import { createGenerator } from '../../generator/index.ts';
import type { Stream } from '../../nats/stream.ts';
import { wait } from '../../core/wait.ts';

export interface PublishOptions {
  readonly stream: Stream;
  /** Stands before the subject of each message, with its dot. */
  readonly prefix: string;
  /** Messages a second. */
  readonly rate: number;
  readonly durationMs: number;
}

const tickMs = 20;

/**
 * Publishes generated events at an even rate until the time is up or `stop` fires. Resolves with how many the stream
 * has stored.
 */
export async function publishEvents(
  { stream, prefix, rate, durationMs }: PublishOptions,
  stop: AbortSignal,
): Promise<number> {
  const generator = createGenerator({ shape: 'mixed', rate, start: Date.now() });
  const begin = performance.now();
  let published = 0;
  while (!stop.aborted) {
    const elapsed = Math.min(performance.now() - begin, durationMs);
    const due = Math.floor((elapsed / 1_000) * rate) - published;
    // All of a tick are stored before the next one: a stream that is slow slows this down.
    await Promise.all(
      Array.from({ length: due }, () => generator.message()).map(({ subject, payload }) =>
        stream.publish(prefix + subject, payload),
      ),
    );
    published += due;
    if (elapsed >= durationMs) break;
    await wait(tickMs, stop);
  }
  return published;
}
