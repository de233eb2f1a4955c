import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { bucketName, bucketSize, deleteBucket, openBucket } from '../../src/profiles/bucket.ts';
import { identifierKey } from '../../src/profiles/key.ts';

const connection = await connectNats({ urls: [inject('natsUrl')] });
const syncs: string[] = [];
afterAll(async () => {
  for (const sync of syncs) await deleteBucket(connection, sync);
  await connection.close();
});

function newSync(): string {
  const sync = `B_${randomUUID().slice(0, 8)}`;
  syncs.push(sync);
  return sync;
}

function textOf(value: Uint8Array | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : Buffer.from(value).toString();
}

test('a bucket holds the latest value of each key, and is the same one when it is opened again', async () => {
  const sync = newSync();
  const bucket = await openBucket(connection, sync);
  expect(await bucket.get('a')).toBeNull();
  await bucket.put('a', Buffer.from('1'));
  await bucket.put('a', Buffer.from('2'));
  expect(textOf(await bucket.get('a'))).toBe('2');
  expect(textOf(await (await openBucket(connection, sync)).get('a'))).toBe('2');
  expect(await bucketSize(connection, sync)).toMatchObject({ states: 1 });
});

test('all states are read if they are no more than asked for', async () => {
  const bucket = await openBucket(connection, newSync());
  expect(await bucket.all(10)).toEqual(new Map());
  const keys = Array.from({ length: 2_000 }, (_, index) => identifierKey(`user ${index}`));
  await Promise.all(keys.map((key) => bucket.put(key, Buffer.from(`state of ${key}`))));
  expect(await bucket.all(1_999)).toBeUndefined();
  const all = await bucket.all(2_000);
  expect(new Set(all?.keys())).toEqual(new Set(keys));
  expect(keys.every((key) => textOf(all?.get(key)) === `state of ${key}`)).toBe(true);
});

test('keys of identifiers of all kinds are taken', async () => {
  const bucket = await openBucket(connection, newSync());
  const identifiers = ['ada@example.com', ' ', '...', '*', '>', '日本語', 'x'.repeat(1_024), '👩‍👩‍👧'.repeat(100)];
  for (const identifier of identifiers) await bucket.put(identifierKey(identifier), Buffer.from(identifier));
  for (const identifier of identifiers) expect(textOf(await bucket.get(identifierKey(identifier)))).toBe(identifier);
  expect((await bucket.all(100))?.size).toBe(identifiers.length);
});

test('deleting the states of a sync leaves those of others', async () => {
  const [one, other] = [newSync(), newSync()];
  for (const sync of [one, other]) await (await openBucket(connection, sync)).put('a', Buffer.from('1'));
  expect(await deleteBucket(connection, one)).toBe(true);
  expect(await bucketSize(connection, one)).toBeUndefined();
  expect(await bucketSize(connection, other)).toMatchObject({ states: 1 });
  expect(await (await openBucket(connection, one)).get('a')).toBeNull();
});

test('what is not there has no size and cannot be deleted, whatever its name', async () => {
  for (const sync of ['NONE', '', '*', 'no such sync', `${bucketName('x')}.>`]) {
    expect(await bucketSize(connection, sync)).toBeUndefined();
    expect(await deleteBucket(connection, sync)).toBe(false);
  }
});
