import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** A stream that is published into. */
export interface Stream {
  readonly name: string;
  /** Resolves once the stream has stored the message. */
  publish(subject: string, payload: string | Uint8Array): Promise<void>;
  /** How many messages it holds. */
  messages(): Promise<number>;
  /** Removes the stream with all that is in it. */
  delete(): Promise<void>;
}

/** Makes a stream on disk that takes these subjects. */
export async function createStream(connection: NatsConnection, name: string, subjects: string[]): Promise<Stream> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name, subjects, storage: StorageType.File });
  return await openStream(connection, name);
}

/** A stream that exists. */
export async function openStream(connection: NatsConnection, name: string): Promise<Stream> {
  const manager = await jetstreamManager(connection);
  const client = jetstream(connection);
  return {
    name,
    async publish(subject, payload) {
      await client.publish(subject, payload, { expect: { streamName: name } });
    },
    async messages() {
      return (await manager.streams.info(name)).state.messages;
    },
    async delete() {
      await manager.streams.delete(name);
    },
  };
}
