import { JetStreamApiError } from '@nats-io/jetstream';

/** The error numbers of the JetStream API that are told apart: github.com/nats-io/nats-server/blob/main/server/errors.json */
const codes = { consumerNotFound: 10_014, streamNotFound: 10_059 } as const;

/** Whether the JetStream API answered that this does not exist. */
export function isNotFound(error: unknown, what: 'consumer' | 'stream'): boolean {
  return error instanceof JetStreamApiError && error.code === codes[`${what}NotFound`];
}
