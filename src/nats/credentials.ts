import { readFileSync } from 'node:fs';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  type Authenticator,
  type ConnectionOptions,
} from '@nats-io/transport-node';
import { messageOf, UsageError } from '../core/errors.ts';
import type { Address } from './address.ts';

/** Who connects. At most one of: credentials file, NKey, token, user. */
export interface Credentials {
  /** Path of a credentials file, as `nsc` writes it. */
  readonly creds?: string | undefined;
  /** Path of a file that holds an NKey seed. */
  readonly nkey?: string | undefined;
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

type Auth = Pick<ConnectionOptions, 'authenticator' | 'token' | 'user' | 'pass'>;

/**
 * What the client needs to say who connects: from the settings, else from the URLs. Throws a UsageError when a file is
 * no good or when the URLs differ in it, for the client takes one for all of its servers.
 */
export function authOf(credentials: Credentials, addresses: readonly Address[]): Auth {
  const { creds, nkey } = credentials;
  if (creds !== undefined) return { authenticator: fromFile('NATS_CREDS', creds, credsAuthenticator) };
  if (nkey !== undefined)
    return { authenticator: fromFile('NATS_NKEY', nkey, (text) => nkeyAuthenticator(seedIn(text))) };
  return loginOf(credentials) ?? commonLogin(addresses) ?? {};
}

function loginOf({ token, user, password }: Pick<Credentials, 'token' | 'user' | 'password'>): Auth | null {
  if (token !== undefined) return { token };
  if (user === undefined) return null;
  return password === undefined ? { user } : { user, pass: password };
}

function commonLogin(addresses: readonly Address[]): Auth | null {
  const [first = null, ...others] = addresses.map(loginOf);
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) {
    throw new UsageError('NATS_URL: what stands before the @ differs among the URLs; give all of them the same.');
  }
  return first;
}

/**
 * Reads the file anew whenever the client connects, so that rotated credentials are taken up. While it cannot be read,
 * since it is just being replaced, the last good content serves: an authenticator that throws would end the connection
 * for good.
 */
function fromFile(variable: string, path: string, parse: (content: Uint8Array) => Authenticator): Authenticator {
  let last: Authenticator;
  try {
    last = parse(readFileSync(path));
    last();
  } catch (error) {
    throw new UsageError(`${variable}="${path}": ${messageOf(error)}`, { cause: error });
  }
  return (nonce) => {
    try {
      const fresh = parse(readFileSync(path));
      const auth = fresh(nonce);
      last = fresh;
      return auth;
    } catch {
      return last(nonce);
    }
  };
}

/** A seed stands alone in its file, or between dashed lines (docs.nats.io/using-nats/developer/connecting/nkey). */
function seedIn(content: Uint8Array): Uint8Array {
  const [seed] = /\bSU[A-Z2-7]{56}\b/.exec(Buffer.from(content).toString()) ?? [];
  if (seed === undefined) throw new Error('holds no seed of a user NKey (SU…)');
  return Buffer.from(seed);
}
