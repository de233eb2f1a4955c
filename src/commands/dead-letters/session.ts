import { connectNats } from '../../nats/connect.ts';
import { readSettings, type Settings } from '../../settings.ts';
import type { Connection } from '../../sources/jetstream/consumer.ts';
import { DeadLetterStore } from '../../sources/jetstream/dead-letter-store.ts';
import { deadLetterStream } from '../../sources/jetstream/dead-letter-stream.ts';

/** What each of the commands works with, until it is disposed. */
export interface Session extends AsyncDisposable {
  readonly settings: Settings;
  readonly connection: Connection;
  readonly letters: DeadLetterStore;
}

/** Connects to NATS. Throws an UnreachableError if that cannot be, or if there is no stream of dead letters. */
export async function openSession(): Promise<Session> {
  const settings = readSettings();
  const connection = await connectNats(settings.nats);
  try {
    await deadLetterStream(connection, settings.deadLetters);
    const letters = await DeadLetterStore.open(connection, settings.deadLetters);
    return { settings, connection, letters, [Symbol.asyncDispose]: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
