import { JetStreamApiError } from '@nats-io/jetstream';
import { type NatsConnection, PermissionViolationError, TimeoutError } from '@nats-io/transport-node';
import { messageOf, UnreachableError } from '../../core/errors.ts';

/** What a failed request to JetStream means to whoever runs Sluice, and the way out; any other error as it is. */
export function explain(error: unknown, connection: NatsConnection): unknown {
  const cause = { cause: error };
  const refused = permissionIn(error);
  if (refused !== undefined) {
    const [verb, subject] = [refused.operation === 'publish' ? 'publish to' : 'subscribe to', refused.subject];
    return new UnreachableError(
      `the NATS user may not ${verb} ${subject}; allow it, see "Permissions" in docs/operating.md`,
      cause,
    );
  }
  const server = connection.getServer();
  // The client does not export its class.
  if (error instanceof Error && error.name === 'JetStreamNotEnabled')
    return new UnreachableError(
      `the NATS server at ${server} has no JetStream for this account (${messageOf(error)}); ` +
        'start it with --jetstream, or enable JetStream for the account',
      cause,
    );
  if (error instanceof TimeoutError)
    return new UnreachableError(
      `JetStream at ${server} does not answer in time; see whether it has a leader (nats server report jetstream)`,
      cause,
    );
  if (error instanceof JetStreamApiError)
    return new UnreachableError(`JetStream at ${server} refuses: ${error.message}`, cause);
  return error;
}

/** The client wraps the error of a request into another. */
function permissionIn(error: unknown): PermissionViolationError | undefined {
  if (error instanceof PermissionViolationError) return error;
  return error instanceof Error && error.cause instanceof PermissionViolationError ? error.cause : undefined;
}
