import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { UnreachableError, UsageError } from '../../src/core/errors.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { freePort } from '../../src/nats/free-port.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { makeAuthority } from '../certificates.ts';
import { operatorMode } from './jwt.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-connect-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test('it connects by URL', async () => {
  await using connection = await connectNats({ urls: [inject('natsUrl')] });
  await connection.flush();
  expect(connection.info?.jetstream).toBe(true);
});

test('of several servers, one that listens is found', async () => {
  const urls = [`nats://127.0.0.1:${await freePort()}`, inject('natsUrl')];
  await using connection = await connectNats({ urls });
  expect(inject('natsUrl')).toContain(connection.getServer());
});

test('when no server listens, the error names it without the password, and the way out', async () => {
  const port = await freePort();
  const connecting = connectNats({ urls: [`nats://ada:lovelace@127.0.0.1:${port}`] });
  await expect(connecting).rejects.toThrow(UnreachableError);
  await expect(connecting).rejects.toThrow(
    `NATS at 127.0.0.1:${port} cannot be reached: connection refused. Start a nats-server there, or set NATS_URL`,
  );
});

test.each([
  ['a token', 'authorization { token: "sesame" }', { token: 'sesame' }, 'sesame@'],
  [
    'a user and a password',
    'authorization { user: ada, password: "p@ss" }',
    { user: 'ada', password: 'p@ss' },
    'ada:p%40ss@',
  ],
])(
  '%s is given by the settings or in the URL, and asked for when it is missing',
  async (_, config, login, userinfo) => {
    await using server = await startNatsServer({ config });
    await using bySettings = await connectNats({ urls: [server.url], ...login });
    await using byUrl = await connectNats({ urls: [server.url.replace('//', `//${userinfo}`)] });
    await Promise.all([bySettings.flush(), byUrl.flush()]);

    const connecting = connectNats({ urls: [server.url] });
    await expect(connecting).rejects.toThrow(UnreachableError);
    await expect(connecting).rejects.toThrow(/refuses who connects: Authorization Violation. Set NATS_CREDS/);
  },
);

test('URLs that differ in who connects are refused', async () => {
  const connecting = connectNats({ urls: ['nats://one@127.0.0.1:1', 'nats://two@127.0.0.1:2'] });
  await expect(connecting).rejects.toThrow(UsageError);
});

test('a credentials file of an operator-mode server is used', async () => {
  const { config, creds } = operatorMode();
  await using server = await startNatsServer({ config });
  const file = await write('user.creds', creds);
  await using connection = await connectNats({ urls: [server.url], creds: file });
  await connection.flush();
  await expect(connectNats({ urls: [server.url] })).rejects.toThrow('refuses who connects');
});

test('an NKey that was rotated is taken up at the next connection, and a torn file does no harm', async () => {
  const [old, next] = [nkeys.createUser(), nkeys.createUser()];
  const users = [
    `{ nkey: ${old.getPublicKey()}, permissions: { publish: "i.am.old" } }`,
    `{ nkey: ${next.getPublicKey()}, permissions: { publish: "i.am.next" } }`,
  ];
  await using server = await startNatsServer({ config: `authorization { users: [ ${users.join(', ')} ] }` });
  const nkey = await write('user.nk', seedOf(old));
  await using connection = await connectNats({ urls: [server.url], nkey });
  expect(await whoIs(connection)).toEqual(['i.am.old']);

  await write('user.nk', seedOf(next));
  await connection.reconnect();
  await vi.waitFor(async () => expect(await whoIs(connection)).toEqual(['i.am.next']), { timeout: 10_000 });

  await write('user.nk', 'SU');
  await server.restart();
  await vi.waitFor(async () => expect(await whoIs(connection)).toEqual(['i.am.next']), { timeout: 10_000 });
});

test.each([
  ['creds', 'NATS_CREDS'],
  ['nkey', 'NATS_NKEY'],
] as const)('%s: a file that is missing or no good is named', async (option, variable) => {
  const bad = await write('bad', 'nothing of use');
  await expect(connectNats({ urls: ['nats://127.0.0.1:1'], [option]: '/nowhere' })).rejects.toThrow(UsageError);
  await expect(connectNats({ urls: ['nats://127.0.0.1:1'], [option]: bad })).rejects.toThrow(`${variable}="${bad}": `);
});

test('a TLS file that cannot be read is named', async () => {
  const connecting = connectNats({ urls: ['nats://127.0.0.1:1'], tls: { ca: '/nowhere' } });
  await expect(connecting).rejects.toThrow(/^NATS_TLS_CA="\/nowhere": ENOENT/);
});

test('tls:// refuses a server that does not encrypt', async () => {
  await expect(connectNats({ urls: [inject('natsUrl').replace('nats', 'tls')] })).rejects.toThrow(
    "does not support 'tls'",
  );
});

test('a server and a client with certificates trust each other', async () => {
  const authority = await makeAuthority(folder, 'authority');
  const [of, { cert, key }] = [await authority.issue('server'), await authority.issue('client')];
  const ca = authority.cert;
  const config = `tls { ca_file: "${ca}", cert_file: "${of.cert}", key_file: "${of.key}", verify: true }`;
  await using server = await startNatsServer({ config });
  const urls = [`tls://localhost:${server.port}`];
  await using connection = await connectNats({ urls, tls: { ca, cert, key } });
  await connection.flush();
  await expect(connectNats({ urls, tls: { cert, key } })).rejects.toThrow('unable to verify the first certificate');
});

test('a lost connection is told once, and so is its return', async () => {
  await using server = await startNatsServer();
  const told: string[] = [];
  const tell = (level: string) => (_: object, sentence: string) => told.push(`${level}: ${sentence}`);
  const log = { info: tell('info'), warn: tell('warn'), error: tell('error') };
  await using connection = await connectNats({ urls: [server.url] }, log);
  let attempts = 0;
  const counting = (async () => {
    for await (const { type } of connection.status()) if (type === 'reconnecting') attempts++;
  })();

  await server.kill();
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(1), { timeout: 10_000 });
  await server.restart();
  await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 10_000 });
  await connection.flush();
  await connection.close();
  await counting;

  expect(told).toEqual([
    'warn: The connection to NATS is lost. Trying to get it back.',
    'info: The connection to NATS is back.',
  ]);
});

async function write(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

function seedOf(key: ReturnType<typeof nkeys.createUser>): string {
  return new TextDecoder().decode(key.getSeed());
}

/** What the server lets this one say. */
async function whoIs(connection: NatsConnection): Promise<string[]> {
  const heard: string[] = [];
  const subscription = connection.subscribe('i.am.*', { callback: (_, { subject }) => void heard.push(subject) });
  try {
    for (const subject of ['i.am.old', 'i.am.next']) connection.publish(subject);
    await connection.flush();
    return heard;
  } finally {
    subscription.unsubscribe();
  }
}
