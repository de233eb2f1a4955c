import { JetStreamApiError } from '@nats-io/jetstream';

/** The error numbers of the JetStream API that are told apart: github.com/nats-io/nats-server/blob/main/server/errors.json */
const codes = {
  consumerNotFound: 10_014,
  insufficientResources: 10_023,
  storageExceeded: 10_047,
  streamNotFound: 10_059,
  storeFailed: 10_077,
} as const;

/** Whether the JetStream API answered that this does not exist. */
export function isNotFound(error: unknown, what: 'consumer' | 'stream'): boolean {
  return error instanceof JetStreamApiError && error.code === codes[`${what}NotFound`];
}

/** Whether the server has no room for a stream of this size. */
export function isOutOfStorage(error: unknown): boolean {
  return (
    error instanceof JetStreamApiError &&
    (error.code === codes.insufficientResources || error.code === codes.storageExceeded)
  );
}

/** Whether a stream took no message since it has reached a limit that refuses new ones. */
export function isStreamFull(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === codes.storeFailed && error.message.startsWith('maximum ');
}
