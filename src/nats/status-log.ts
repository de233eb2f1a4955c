import { AuthorizationError, type NatsConnection, type Status } from '@nats-io/transport-node';

/** Where it is told; a pino logger is one. */
export type StatusLog = Record<'info' | 'warn' | 'error', (fields: object, sentence: string) => void>;

/** Tells the log what becomes of a connection, until it is closed. */
export function logStatus(connection: NatsConnection, log: StatusLog): void {
  follow(connection, log).catch((error: unknown) =>
    log.error({ err: error }, 'The NATS connection is no longer watched.'),
  );
}

async function follow(connection: NatsConnection, log: StatusLog): Promise<void> {
  const tell = teller(log);
  for await (const status of connection.status()) tell(status);
  const reason = await connection.closed();
  if (reason instanceof Error) log.error({ err: reason }, 'The NATS connection is closed for good.');
}

/**
 * The client tells of a lost connection at each attempt to mend it, and of the mended one as often: each is told once.
 */
function teller(log: StatusLog): (status: Status) => void {
  let lost = false;
  let lastError = '';
  return (status) => {
    switch (status.type) {
      case 'disconnect':
        if (!lost) log.warn({ server: status.server }, 'The connection to NATS is lost. Trying to get it back.');
        lost = true;
        break;
      case 'reconnect':
        if (lost) log.info({ server: status.server }, 'The connection to NATS is back.');
        lost = false;
        lastError = '';
        break;
      case 'error': {
        if (status.error.message === lastError) break;
        lastError = status.error.message;
        const level = status.error instanceof AuthorizationError ? 'error' : 'warn';
        log[level]({ err: status.error }, 'NATS reports an error.');
        break;
      }
      case 'ldm':
        log.info({ server: status.server }, 'The NATS server is about to stop.');
        break;
      case 'staleConnection':
        log.warn({}, 'The NATS server does not answer pings.');
        break;
      case 'slowConsumer':
        log.warn({ subject: status.sub.getSubject(), pending: status.pending }, 'Messages from NATS pile up.');
        break;
      case 'ping':
      case 'reconnecting':
      case 'forceReconnect':
      case 'update':
      case 'close':
        break;
      default:
        status satisfies never;
    }
  };
}
