/** A stream of dead letters of one's own, for tests. */
import { randomUUID } from 'node:crypto';
import { jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { inject } from 'vitest';
import { connectNats } from '../../../src/nats/connect.ts';
import type { DeadLetter } from '../../../src/sources/jetstream/dead-letter.ts';
import { DeadLetterStore } from '../../../src/sources/jetstream/dead-letter-store.ts';
import { type DeadLetterLimits, ensureDeadLetterStream } from '../../../src/sources/jetstream/dead-letter-stream.ts';

export const unlimited: DeadLetterLimits = { maxAgeMs: 0, maxBytes: 0 };

export class LetterStream implements AsyncDisposable {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly store: DeadLetterStore;

  private constructor(name: string, connection: NatsConnection, manager: JetStreamManager, store: DeadLetterStore) {
    this.name = name;
    this.connection = connection;
    this.manager = manager;
    this.store = store;
  }

  /** @param limits undefined leaves it to the test to make the stream */
  static async open(limits: DeadLetterLimits | undefined = unlimited): Promise<LetterStream> {
    const name = `L_${randomUUID().slice(0, 8)}`;
    const connection = await connectNats({ urls: [inject('natsUrl')] });
    if (limits !== undefined) await ensureDeadLetterStream(connection, name, limits);
    const store = await DeadLetterStore.open(connection, name);
    return new LetterStream(name, connection, await jetstreamManager(connection), store);
  }

  static async withoutStream(): Promise<LetterStream> {
    const opened = await LetterStream.open();
    await opened.manager.streams.delete(opened.name);
    return opened;
  }

  async config(): Promise<StreamConfig> {
    return (await this.manager.streams.info(this.name)).config;
  }

  async count(): Promise<number> {
    return (await this.manager.streams.info(this.name)).state.messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.streams.delete(this.name).catch(() => false);
    await this.connection.close();
  }
}

let sequence = 0;

/** A letter of a message of its own. */
export function letterOf(payload: string | Uint8Array, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    sync: 'purchases',
    reason: 'rejected',
    detail: 'Braze says no',
    attempts: 1,
    stream: 'EVENTS',
    subject: 'events.a',
    sequence: ++sequence,
    storedAt: Date.UTC(2026, 0, 31),
    index: 0,
    events: 1,
    accepted: undefined,
    replays: 0,
    firstFailedAt: undefined,
    payload,
    ...more,
  };
}
