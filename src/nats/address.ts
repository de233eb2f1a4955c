import { UsageError } from '../core/errors.ts';

/** Where a NATS server listens, and who its URL says we are. */
export interface Address {
  /** `host:port`. Holds no secret, so it may be shown. */
  readonly host: string;
  /** Whether the URL asks for TLS. A server may demand it all the same. */
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

const defaultPort = '4222';

/**
 * Reads `nats://host:port`, `tls://host:port` or a bare `host:port`, with `user:password@` or `token@` before the host
 * (docs.nats.io/using-nats/developer/connecting). Throws a UsageError that never shows what stands before the `@`.
 */
export function parseAddress(text: string): Address {
  const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
  if (url === null || url.hostname === '')
    throw new UsageError(`"${hideUserinfo(text)}" is not a NATS URL; ${example}`);
  if (url.protocol !== 'nats:' && url.protocol !== 'tls:') {
    throw new UsageError(`"${hideUserinfo(text)}" begins with ${url.protocol}//, not nats:// or tls://; ${example}`);
  }
  return {
    host: `${url.hostname}:${url.port || defaultPort}`,
    tls: url.protocol === 'tls:',
    ...userinfo(url),
  };
}

/** The text of a URL, or of a list, without what may be a password or a token, however wrongly it is written. */
export function hideUserinfo(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@/s, '$1[redacted]@');
}

const example = 'write it as nats://127.0.0.1:4222';

function userinfo(url: URL): Partial<Address> {
  const name = decode(url.username);
  if (url.password !== '') return { user: name, password: decode(url.password) };
  return name === '' ? {} : { token: name };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new UsageError('What stands before the @ of a NATS URL has a % that is not written as %25', { cause: error });
  }
}
