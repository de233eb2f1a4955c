/** NATS JWTs, as `nsc` makes them, for a server in operator mode (docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt). */
import { nkeys } from '@nats-io/transport-node';

/** A server's configuration and the credentials file of the one user that it knows. */
export function operatorMode(): { readonly config: string; readonly creds: string } {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  // The account of the server itself can have no JetStream.
  const system = nkeys.createAccount().getPublicKey();
  const systemJwt = sign(operator, system, { type: 'account', limits: {} });
  const accountKey = account.getPublicKey();
  const operatorJwt = sign(operator, operator.getPublicKey(), { type: 'operator' });
  const accountJwt = sign(operator, accountKey, {
    type: 'account',
    limits: { subs: -1, conn: -1, data: -1, payload: -1, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
  });
  const userJwt = sign(account, user.getPublicKey(), { type: 'user', subs: -1, data: -1, payload: -1 });
  const seed = new TextDecoder().decode(user.getSeed());
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${accountKey}: ${accountJwt}, ${system}: ${systemJwt} }\nsystem_account: ${system}`,
    creds: `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
  };
}

function sign(
  issuer: ReturnType<typeof nkeys.createUser>,
  subject: string,
  nats: Readonly<Record<string, unknown>>,
): string {
  const claims = {
    jti: subject,
    iat: 1_700_000_000,
    iss: issuer.getPublicKey(),
    name: subject,
    sub: subject,
    nats: { ...nats, version: 2 },
  };
  const text = [{ typ: 'JWT', alg: 'ed25519-nkey' }, claims].map((part) => encode(JSON.stringify(part))).join('.');
  return `${text}.${encode(issuer.sign(new TextEncoder().encode(text)))}`;
}

function encode(part: string | Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}
