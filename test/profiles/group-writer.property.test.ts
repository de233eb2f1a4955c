/** Many writes at once to a bucket on a real server, which refuses those that are too large for its stream. */
import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { type Bucket, bucketName, deleteBucket, openBucket } from '../../src/profiles/bucket.ts';

const largest = 512;
const sync = `G_${randomUUID().slice(0, 8)}`;
const connection = await connectNats({ urls: [inject('natsUrl')] });
let bucket: Bucket;

beforeAll(async () => {
  bucket = await openBucket(connection, sync);
  await (await jetstreamManager(connection)).streams.update(`KV_${bucketName(sync)}`, { max_msg_size: largest });
});

afterAll(async () => {
  await deleteBucket(connection, sync);
  await connection.close();
});

interface Write {
  readonly key: string;
  readonly tooLarge: boolean;
}

const key = fc.integer({ min: 0, max: 9 }).map((user) => `k${user}`);
const small: fc.Arbitrary<Write> = fc.record({ key, tooLarge: fc.constant(false) });
const any: fc.Arbitrary<Write> = fc.record({ key, tooLarge: fc.boolean() });
/** Each list is written in one go, and is done before the next one begins. */
const list = fc.oneof(...[small, any].map((write) => fc.array(write, { minLength: 1, maxLength: 40 })));
const goes = fc.array(list, { minLength: 1, maxLength: 4 });

test('a write that is refused is told as refused, also where it is alone or the first one of a new stream', async () => {
  const lone = bucket.put('k0', Buffer.from('-'.repeat(largest + 1)));
  await expect(lone).rejects.toThrow('message size exceeds maximum allowed');
  const sizes = [largest + 1, 1, 1];
  const some = sizes.map((size, index) => bucket.put(`k${index}`, Buffer.from('-'.repeat(size))));
  for (const { status } of await Promise.allSettled(some)) expect(status).toBe('rejected');
});

test('a write is done once the server has it, the last one of a key stands, and a refusal is told', async () => {
  let turn = 0;
  await fc.assert(
    fc.asyncProperty(goes, async (lists) => {
      for (const writes of lists) {
        turn++;
        const values = writes.map(({ tooLarge }, index) => `${turn}.${index}${tooLarge ? '-'.repeat(largest) : ''}`);
        const last = new Map(
          writes.flatMap(({ key, tooLarge }, index) => (tooLarge ? [] : [[key, values[index]] as const])),
        );
        const before = new Map<string, string | undefined>();
        for (const { key } of writes) before.set(key, textOf(await bucket.get(key)));

        const results = await Promise.allSettled(
          writes.map(async ({ key }, index) => {
            await bucket.put(key, Buffer.from(values[index] ?? ''));
            expect(textOf(await bucket.get(key))).toBe(last.get(key));
          }),
        );

        const isRefused = writes.some(({ tooLarge }) => tooLarge);
        // Which of a group were stored is not known then: whoever wrote them writes them again.
        for (const { status } of results) expect(status).toBe(isRefused ? 'rejected' : 'fulfilled');
        await vi.waitFor(
          async () => {
            for (const [key, value] of before) expect(textOf(await bucket.get(key))).toBe(last.get(key) ?? value);
          },
          { timeout: 10_000 },
        );
      }
    }),
    { numRuns: 40 },
  );
});

function textOf(value: Uint8Array | null): string | undefined {
  return value === null ? undefined : Buffer.from(value).toString();
}
