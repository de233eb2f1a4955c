import { readFile } from 'node:fs/promises';
import { AuthorizationError, connect, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
import { messageOf, UnreachableError, UsageError } from '../core/errors.ts';
import { parseAddress } from './address.ts';
import { authOf, type Credentials } from './credentials.ts';
import { logStatus, type StatusLog } from './status-log.ts';

export interface NatsOptions extends Credentials {
  /** Servers of one cluster: `nats://host:port` or `tls://host:port`. */
  readonly urls: readonly string[];
  /** Paths of PEM files. */
  readonly tls?: TlsFiles;
}

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Connects to NATS. From then on the connection mends itself for as long as it takes; `log` is told when it is lost and
 * when it is back. Throws a UsageError for options that can never work, and an UnreachableError when no server takes
 * the connection now.
 */
export async function connectNats(options: NatsOptions, log?: StatusLog): Promise<NatsConnection> {
  const addresses = options.urls.map(parseAddress);
  const hosts = addresses.map(({ host }) => host);
  const auth = authOf(options, addresses);
  const tls = await tlsOf(
    options.tls ?? {},
    addresses.some((address) => address.tls),
  );
  const connection = await connect({
    name: 'sluice',
    servers: hosts,
    ...auth,
    ...(tls !== null && { tls }),
    timeout: 5_000,
    // A server that vanished without a word is noticed within a minute.
    pingInterval: 20_000,
    maxPingOut: 2,
    // Otherwise the client makes an error with its stack for each publish, in case that one fails.
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    // Many engines that lost one server do not come back to it in one moment.
    reconnectJitter: 1_500,
    reconnectJitterTLS: 1_500,
    // Refused credentials may be about to be renewed, and an engine that gave up would need a person to notice.
    ignoreAuthErrorAbort: true,
  }).catch((error: unknown) => {
    throw unreachable(hosts, error, tls !== null);
  });
  if (log !== undefined) logStatus(connection, log);
  return connection;
}

function unreachable(hosts: readonly string[], error: unknown, encrypted: boolean): UnreachableError {
  const place = `NATS at ${hosts.join(', ')}`;
  const cause = { cause: error };
  if (error instanceof AuthorizationError) {
    const wayOut = 'Set NATS_CREDS, NATS_NKEY, NATS_TOKEN, or NATS_USER and NATS_PASSWORD.';
    return new UnreachableError(`${place} refuses who connects: ${error.message}. ${wayOut}`, cause);
  }
  return new UnreachableError(`${place} cannot be reached: ${messageOf(error)}. ${wayTo(error, encrypted)}`, cause);
}

function wayTo(error: unknown, encrypted: boolean): string {
  if (/certificate|altnames/i.test(messageOf(error)))
    return 'Set NATS_TLS_CA to the CA certificate of the server, and name the server in NATS_URL as its certificate does.';
  const start = 'Start a nats-server there, or set NATS_URL to one that runs';
  if (!encrypted) return `${start}.`;
  // A server that does not trust a client's certificate hangs up without a word that the client would hear.
  return `${start}. If it asks for a client certificate, set NATS_TLS_CERT and NATS_TLS_KEY to one that it trusts.`;
}

/** Null leaves it to the server whether the connection is encrypted. */
async function tlsOf({ ca, cert, key }: TlsFiles, demanded: boolean): Promise<TlsOptions | null> {
  const files = Object.entries({ NATS_TLS_CA: ca, NATS_TLS_CERT: cert, NATS_TLS_KEY: key });
  for (const [variable, path] of files) {
    if (path === undefined) continue;
    await readFile(path).catch((error: unknown) => {
      throw new UsageError(`${variable}="${path}": ${messageOf(error)}`, { cause: error });
    });
  }
  if (files.every(([, path]) => path === undefined)) return demanded ? {} : null;
  // The client reads the files anew whenever it connects, so renewed certificates are taken up.
  return {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
}
