import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { UnreachableError } from '../../src/core/errors.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { findNatsServer } from '../../src/nats/find-server.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';

test('a started server has JetStream and takes an event of 1 MB', async () => {
  await using server = await startNatsServer();
  await using connection = await connectNats({ urls: [server.url] });
  await (await jetstreamManager(connection)).streams.add({ name: 'EVENTS', subjects: ['events.>'] });
  const ack = await jetstream(connection).publish('events.big', new Uint8Array(1024 * 1024));
  expect(ack.seq).toBe(1);
  expect(connection.info?.version).toBe(server.version);
});

test('the largest message can be set', async () => {
  await using server = await startNatsServer({ maxPayloadBytes: 1024 });
  await using connection = await connectNats({ urls: [server.url] });
  expect(connection.info?.max_payload).toBe(1024);
});

test.each([
  ['a crash', 'kill'],
  ['an orderly end', 'restart'],
] as const)('after %s the same streams are at the same URL', async (_, end) => {
  await using server = await startNatsServer();
  const { url, pid } = server;
  const before = await connectNats({ urls: [url] });
  await (await jetstreamManager(before)).streams.add({ name: 'EVENTS', subjects: ['events.>'] });
  await jetstream(before).publish('events.one', 'before');
  await before.close();

  await server[end]();
  await server.restart();

  expect(server.url).toBe(url);
  expect(server.pid).not.toBe(pid);
  await using after = await connectNats({ urls: [url] });
  const info = await (await jetstreamManager(after)).streams.info('EVENTS');
  expect(info.state.messages).toBe(1);
});

test('a stopped server is gone with its temporary store', async () => {
  const server = await startNatsServer();
  await server.stop();
  await vi.waitFor(() => expect(runs(server.pid)).toBe(false), { timeout: 10_000 });
  expect(existsSync(server.storeDir)).toBe(false);
  await expect(server.restart()).rejects.toThrow('stopped for good');
});

test('a store that was given is kept', async () => {
  const storeDir = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  try {
    const server = await startNatsServer({ storeDir });
    await server.stop();
    expect(await readdir(storeDir)).toEqual(
      expect.arrayContaining(['jetstream', 'nats-server.conf', 'nats-server.log']),
    );
  } finally {
    await rm(storeDir, { recursive: true });
  }
});

test('a server that does not start fails with the end of its log, and leaves nothing behind', async () => {
  const starting = startNatsServer({ config: 'nonsense: { ' });
  await expect(starting).rejects.toThrow(UnreachableError);
  await expect(starting).rejects.toThrow(/exit code 1 before it was ready.*ends with:\nnats-server:/s);
  const [, log = ''] = /Its log, (.*),/.exec(await starting.then(() => '', String)) ?? [];
  expect(log).toContain('sluice-nats-');
  expect(existsSync(join(log, '..'))).toBe(false);
});

test('a port that is taken by another server is told', async () => {
  await using first = await startNatsServer();
  await expect(startNatsServer({ port: first.port })).rejects.toThrow('address already in use');
});

test('where a free port is taken before the server listens, it gets another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-program-'));
  try {
    const binary = join(folder, 'nats-server');
    const refused = join(folder, 'refused');
    const server = await findNatsServer();
    await writeFile(
      binary,
      `#!/bin/sh
[ -e '${refused}' ] && exec '${server}' "$@"
cat "$2" > '${refused}'
echo 'listen tcp: bind: address already in use'
exit 1
`,
      { mode: 0o755 },
    );
    await using second = await startNatsServer({ binary });
    const [, port] = /listen: "127.0.0.1:(\d+)"/.exec(readFileSync(refused, 'utf8')) ?? [];
    expect(Number(port)).toBeGreaterThan(0);
    expect(second.port).not.toBe(Number(port));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a program that is not there is told', async () => {
  await expect(startNatsServer({ binary: '/nowhere/nats-server' })).rejects.toThrow(
    '/nowhere/nats-server could not be started',
  );
});

test('when its owner is killed, a server and its store are gone', async () => {
  await using owner = await startOwner();
  process.kill(owner.process.pid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect([runs(owner.pid), existsSync(owner.storeDir)]).toEqual([false, false]), {
    timeout: 10_000,
  });
});

test('the Ctrl-C that reaches its owner does not reach a server', async () => {
  await using owner = await startOwner();
  process.kill(-(owner.process.pid ?? 0), 'SIGINT');
  await using connection = await connectNats({ urls: [owner.url] });
  await connection.flush();
  expect(runs(owner.pid)).toBe(true);
});

async function startOwner() {
  const script = join(import.meta.dirname, 'owner.ts');
  // Detached, it leads a process group, as a shell would make it.
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exited = once(owner, 'exit');
  const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
  const server = JSON.parse(line) as { url: string; pid: number; storeDir: string };
  return {
    ...server,
    process: owner,
    async [Symbol.asyncDispose]() {
      owner.kill('SIGKILL');
      await exited;
    },
  };
}

/** Whether a process runs. One that has ended, but whose new parent has not yet asked how, does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/s.test(readFileSync(status, 'utf8'));
}
