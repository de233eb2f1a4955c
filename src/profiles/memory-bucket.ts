import type { Bucket } from './bucket.ts';

/** States that live as long as the call: for dry runs. */
export function memoryBucket(): Bucket {
  const states = new Map<string, Uint8Array>();
  return {
    maxStateBytes: Infinity,
    get: (key) => Promise.resolve(states.get(key) ?? null),
    all: () => Promise.resolve(new Map(states)),
    put(key, value) {
      states.set(key, value);
      return Promise.resolve();
    },
  };
}
