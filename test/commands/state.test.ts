import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { bucketName, bucketSize, deleteBucket, openBucket } from '../../src/profiles/bucket.ts';

const natsUrl = inject('natsUrl');
const connection = await connectNats({ urls: [natsUrl] });
const syncs: string[] = [];
afterAll(async () => {
  for (const sync of syncs) await deleteBucket(connection, sync);
  await connection.close();
});

const run = promisify(execFile);
const state = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, ['src/cli.ts', 'state', ...args], {
    env: { PATH: process.env['PATH'], NATS_URL: natsUrl, ...env },
  });

/** A sync that remembers so many users. */
async function remembering(users: number): Promise<string> {
  const sync = `C_${randomUUID().slice(0, 8)}`;
  syncs.push(sync);
  const bucket = await openBucket(connection, sync);
  for (let user = 0; user < users; user++) await bucket.put(`user.${user}`, Buffer.from('{}'));
  return sync;
}

test.concurrent('show tells how many users a sync remembers, and where', async () => {
  const sync = await remembering(3);
  const { stdout } = await state(['show', sync]);
  expect(stdout).toMatch(new RegExp(`^${sync}: 3 users, [1-9]\\d* bytes in the bucket ${bucketName(sync)}\n$`));
});

test.concurrent('delete forgets the users of one sync alone', async () => {
  const [sync, other] = [await remembering(2), await remembering(2)];
  expect((await state(['delete', sync])).stdout).toBe(`${sync}: forgotten\n`);
  expect(await bucketSize(connection, sync)).toBeUndefined();
  expect(await bucketSize(connection, other)).toMatchObject({ states: 2 });
  await expect(state(['delete', sync])).rejects.toMatchObject({ code: 1 });
});

test.concurrent.for(['show', 'delete'])('%s of a sync that remembers nobody ends with 1 and says so', async (what) => {
  for (const sync of ['NO_SUCH_SYNC', 'no such.sync*']) {
    await expect(state([what, sync])).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: `sluice: there is no bucket ${bucketName(sync)}: the sync ${sync} remembers nobody; is the name right?\n`,
    });
  }
});

test.concurrent('a missing name ends with 2, help with 0', async () => {
  await expect(state(['show'])).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('sync') });
  await expect(state(['forget', 'x'])).rejects.toMatchObject({ code: 2 });
  expect((await state(['--help'])).stdout).toContain('Example:');
});

test.concurrent('a server that cannot be reached ends with 3 and is named', async () => {
  await expect(state(['show', 'x'], { NATS_URL: 'nats://127.0.0.1:9' })).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('127.0.0.1:9'),
  });
});
