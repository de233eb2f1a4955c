import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after this many milliseconds, or at once when `abort` fires; never rejects. */
export async function wait(ms: number, abort: AbortSignal): Promise<void> {
  if (ms <= 0 || abort.aborted) return;
  await delay(ms, undefined, { signal: abort }).catch(() => undefined);
}
