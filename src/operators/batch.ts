import { bufferTime, type OperatorFunction } from 'rxjs';

export interface BatchOptions {
  /** How long an entry waits for others, in milliseconds. */
  readonly maxWaitMs: number;
  /** How many entries make a batch full. */
  readonly maxObjects: number;
}

/**
 * Collects entries until a batch is full or the time is up. When the time is up a batch is emitted even if it is
 * empty: to `deliver` a batch that is not full says that nothing shall wait any longer.
 */
export function batch<T>({ maxWaitMs, maxObjects }: BatchOptions): OperatorFunction<T, T[]> {
  return bufferTime(maxWaitMs, null, maxObjects);
}
