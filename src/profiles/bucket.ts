import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { GroupWriter } from './group-writer.ts';
import { bucketKey, stateKey } from './key.ts';

/** Where the states of one sync are kept, by the keys of `key.ts`. */
export interface Bucket {
  /** The most bytes that a state may have. */
  readonly maxStateBytes: number;
  /** Null if there is none. */
  get(key: string): Promise<Uint8Array | null>;
  put(key: string, value: Uint8Array): Promise<void>;
  /** All states there are; undefined if they are more than `most`, or could not be read to the last one. */
  all(most: number): Promise<ReadonlyMap<string, Uint8Array> | undefined>;
}

/** What a nats-server takes as one message unless it is told otherwise. */
const defaultMaxPayload = 1_048_576;

/** The name of the bucket that holds the users' states of a sync. */
export function bucketName(sync: string): string {
  return `SLUICE_STATE_${sync}`;
}

/**
 * Opens the bucket of a sync, and makes it if it is not there.
 *
 * @param replicas how many servers hold it, if it is made
 */
export async function openBucket(connection: NatsConnection, sync: string, replicas = 1): Promise<Bucket> {
  const make = (): Promise<KV> =>
    new Kvm(jetstream(connection)).create(bucketName(sync), {
      history: 1,
      storage: StorageType.File,
      replicas,
      description: `Sluice: users' states of the sync ${sync}`,
    });
  const bucket = await make();
  let making: Promise<unknown> | undefined;
  /** After a failure the bucket is made again, should somebody have deleted it; whoever has failed tries again. */
  const orMade = async <T>(action: Promise<T>): Promise<T> => {
    try {
      return await action;
    } catch (error) {
      making ??= make()
        .catch(() => undefined)
        .finally(() => (making = undefined));
      await making;
      throw error;
    }
  };
  const streams = (await jetstreamManager(connection)).streams;
  const { replicas: held } = await bucket.status();
  // Any replica may answer a direct read, and it may not have the last write yet; the leader has.
  const read =
    held > 1
      ? async (key: string) => {
          const stored = await streams.getMessage(`KV_${bucketName(sync)}`, { last_by_subj: subjectOf(key) });
          // The mark of a key that was deleted is a message, too.
          return stored === null || stored.header.has('KV-Operation') ? null : stored.data;
        }
      : async (key: string) => {
          const entry = await bucket.get(key);
          return entry?.operation === 'PUT' ? entry.value : null;
        };
  const writer = new GroupWriter(connection);
  const subjectOf = (key: string): string => `$KV.${bucketName(sync)}.${key}`;
  return {
    // Another server, after a reconnect, may take less.
    get maxStateBytes() {
      return connection.info?.max_payload ?? defaultMaxPayload;
    },
    get: (key) => orMade(read(bucketKey(key))),
    put: (key, value) => orMade(writer.write(subjectOf(bucketKey(key)), value)),
    async all(most) {
      const { values } = await bucket.status();
      if (values > most) return undefined;
      const states = new Map<string, Uint8Array>();
      let read = 0;
      for await (const { key, value, operation } of await bucket.history()) {
        read++;
        // A value is a part of a larger piece of memory; a copy lets that go.
        if (operation === 'PUT') states.set(stateKey(key), Uint8Array.from(value));
      }
      // The client ends early when the connection is lost or pauses, and does not say so.
      return read < values ? undefined : states;
    },
  };
}

/** How many states a sync has, and how many bytes they take; undefined if there is no bucket. */
export async function bucketSize(
  connection: NatsConnection,
  sync: string,
): Promise<{ readonly states: number; readonly bytes: number } | undefined> {
  const bucket = await findBucket(connection, sync);
  if (bucket === undefined) return undefined;
  const { values, size } = await bucket.status();
  return { states: values, bytes: size };
}

/** Deletes the states of a sync; false if there were none. Every user is then seen for the first time again. */
export async function deleteBucket(connection: NatsConnection, sync: string): Promise<boolean> {
  return (await (await findBucket(connection, sync))?.destroy()) ?? false;
}

async function findBucket(connection: NatsConnection, sync: string): Promise<KV | undefined> {
  const buckets = new Kvm(jetstream(connection));
  for await (const { bucket } of buckets.list()) {
    if (bucket === bucketName(sync)) return await buckets.open(bucket);
  }
  return undefined;
}
