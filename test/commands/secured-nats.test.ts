/** `run` against nats-servers that ask who connects: each way in, and what is said when it is the wrong one. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, expect, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { readSettings } from '../../src/settings.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { makeAuthority } from '../certificates.ts';
import { operatorMode } from '../nats/jwt.ts';

// Each test starts processes, and others run beside it.
vi.setConfig({ testTimeout: 120_000 });
const simulator = await startSimulator();
const folder = await mkdtemp(join(tmpdir(), 'sluice-secured-'));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await simulator.close();
});

const trusted = await makeAuthority(folder, 'trusted');
const other = await makeAuthority(folder, 'other');
const [server, client, stranger] = [
  await trusted.issue('server'),
  await trusted.issue('client'),
  await other.issue('stranger'),
];
const destination = { type: 'braze', endpoint: simulator.url, apiKey: simulator.key };
const rules = await file('sync.json', JSON.stringify({ name: 'secured', destination, events: { select: ['*'] } }));
const [rightNkey, wrongNkey] = [nkeys.createUser(), nkeys.createUser()];
const [right, wrong] = [operatorMode(), operatorMode()];

type Env = Readonly<Record<string, string>>;

interface Case {
  readonly config: string;
  /** The scheme and what stands before the host, if it is not `nats://`. */
  readonly right: Env & { readonly url?: string };
  readonly wrong: Env & { readonly url?: string };
  readonly says: RegExp;
}

const refused = /refuses who connects: Authorization Violation/;
const tls = (verify: string) =>
  `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${trusted.cert}"${verify} }`;

const cases: Readonly<Record<string, Case>> = {
  'a user and a password': {
    config: 'authorization { user: ada, password: S3S-right }',
    right: { NATS_USER: 'ada', NATS_PASSWORD: 'S3S-right' },
    wrong: { NATS_USER: 'ada', NATS_PASSWORD: 'S3S-wrong' },
    says: refused,
  },
  'a user and a password in the URL': {
    config: 'authorization { user: ada, password: S3S-right }',
    right: { url: 'nats://ada:S3S-right@' },
    wrong: { url: 'nats://ada:S3S-wrong@' },
    says: refused,
  },
  'a token': {
    config: 'authorization { token: S3S-right }',
    right: { NATS_TOKEN: 'S3S-right' },
    wrong: { url: 'nats://S3S-wrong@' },
    says: refused,
  },
  'an NKey': {
    config: `authorization { users: [{ nkey: ${rightNkey.getPublicKey()} }] }`,
    right: { NATS_NKEY: await file('right.nk', seedOf(rightNkey)) },
    wrong: { NATS_NKEY: await file('wrong.nk', seedOf(wrongNkey)) },
    says: refused,
  },
  'a credentials file': {
    config: right.config,
    right: { NATS_CREDS: await file('right.creds', right.creds) },
    wrong: { NATS_CREDS: await file('wrong.creds', wrong.creds) },
    says: refused,
  },
  'a server certificate': {
    config: tls(''),
    right: { url: 'tls://', NATS_TLS_CA: trusted.cert },
    wrong: { url: 'tls://', NATS_TLS_CA: other.cert },
    says: /cannot be reached: .*(self-signed certificate|unable to (get local issuer|verify)).*NATS_TLS_CA/,
  },
  'a client certificate': {
    config: tls(', verify: true'),
    right: { url: 'tls://', NATS_TLS_CA: trusted.cert, NATS_TLS_CERT: client.cert, NATS_TLS_KEY: client.key },
    wrong: { url: 'tls://', NATS_TLS_CA: trusted.cert, NATS_TLS_CERT: stranger.cert, NATS_TLS_KEY: stranger.key },
    says: /cannot be reached: .*NATS_TLS_CERT/,
  },
  'no client certificate': {
    config: tls(', verify: true'),
    right: { url: 'tls://', NATS_TLS_CA: trusted.cert, NATS_TLS_CERT: client.cert, NATS_TLS_KEY: client.key },
    wrong: { url: 'tls://', NATS_TLS_CA: trusted.cert },
    says: /cannot be reached: .*NATS_TLS_CERT/,
  },
};

test.concurrent.for(Object.entries(cases))(
  '%s lets run in; a wrong one ends with 3 and shows no secret',
  async ([, one]) => {
    await using nats = await startNatsServer({ config: one.config });
    const envOf = ({ url = 'nats://', ...env }: Case['right']): Env => ({
      ...env,
      NATS_URL: `${url}127.0.0.1:${nats.port}`,
    });
    await using connection = await connectNats(readSettings(envOf(one.right)).nats);
    await createStream(connection, 'EVENTS', ['events.>']);
    expect(await run(envOf(one.right))).toMatchObject({ code: 0, stderr: '' });

    // Node's own switch for it changes nothing.
    const { code, stderr } = await run({
      ...envOf(one.wrong),
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_NO_WARNINGS: '1',
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(one.says);
    expect(stderr).toContain(`127.0.0.1:${nats.port}`);
    for (const secret of ['S3S', seedOf(wrongNkey), ...wrong.creds.split('\n').filter((line) => line.length > 50)])
      expect(stderr).not.toContain(secret);
  },
);

async function run(env: Env) {
  const running = promisify(execFile)(process.execPath, ['src/cli.ts', 'run', '--check-only', '--rules', rules], {
    env: { PATH: process.env['PATH'], ...env },
  });
  return await running.then(
    (output) => ({ code: 0, ...output }),
    (error: unknown) => error as { readonly code: number; readonly stdout: string; readonly stderr: string },
  );
}

async function file(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function seedOf(key: ReturnType<typeof nkeys.createUser>): string {
  return new TextDecoder().decode(key.getSeed());
}
