import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { ensureConsumer, markDisabled } from '../../src/sources/jetstream/consumer.ts';

// Each test starts processes, and others run beside it.
vi.setConfig({ testTimeout: 120_000 });
const run = promisify(execFile);

/** A server of its own, since the command shows all streams, with these consumers. */
async function serving(places: Readonly<Record<string, readonly string[]>>) {
  await using started = new AsyncDisposableStack();
  const server = started.use(await startNatsServer());
  const connection = started.use(await connectNats({ urls: [server.url] }));
  for (const [stream, syncs] of Object.entries(places)) {
    const made = await createStream(connection, stream, [`${stream}.>`]);
    for (const name of syncs) await ensureConsumer(connection, { ...options, stream, name, subjects: `${stream}.>` });
    await made.publish(`${stream}.events`, '{}');
  }
  const resources = started.move();
  return {
    connection,
    consumers: (...args: string[]) =>
      run(process.execPath, ['src/cli.ts', 'consumers', ...args], {
        env: { PATH: process.env['PATH'], NATS_URL: server.url },
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const options = { start: 'new', ackWaitMs: 10_000, maxAckPending: 1_000 } as const;

test('list shows where each sync is, and which are disabled', async () => {
  await using server = await serving({ ONE: ['purchases', 'signups'] });
  await markDisabled(server.connection, 'ONE', 'signups');
  expect((await server.consumers('list')).stdout).toBe(
    'purchases on ONE: not running, 1 pending, 0 unsettled\nsignups on ONE: disabled, 1 pending, 0 unsettled\n',
  );
  const [line = ''] = (await server.consumers('list', '--json')).stdout.split('\n');
  expect(JSON.parse(line)).toEqual({
    stream: 'ONE',
    sync: 'purchases',
    disabled: false,
    inUse: false,
    pending: 1,
    unsettled: 0,
  });
});

test('delete takes the consumer of one sync, and asks which one where there are several', async () => {
  await using server = await serving({ ONE: ['purchases', 'signups'], TWO: ['purchases'] });
  await expect(server.consumers('delete', 'purchases')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('purchases has consumers on ONE, TWO; choose by --stream'),
  });
  await server.consumers('delete', 'purchases', '--stream', 'TWO');
  await server.consumers('delete', 'signups');
  expect((await server.consumers('list')).stdout).toMatch(/^purchases on ONE: .*\n$/);
  await expect(server.consumers('delete', 'signups')).rejects.toMatchObject({ code: 1 });
});

test('delete leaves the consumer of a sync that runs', async () => {
  await using server = await serving({ ONE: [] });
  const place = { stream: 'ONE', name: 'purchases', subjects: 'ONE.>' };
  const consumer = await ensureConsumer(server.connection, { ...options, ...place });
  const asking = consumer.next({ expires: 10_000 });
  await expect(server.consumers('delete', 'purchases')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('purchases is running'),
  });
  server.connection.publish('ONE.events', '{}');
  expect(await asking).not.toBeNull();
});
