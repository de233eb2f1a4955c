import { SluiceError } from '../../core/errors.ts';
import { connectNats } from '../../nats/connect.ts';
import { readSettings, type Settings } from '../../settings.ts';
import type { Connection } from '../../sources/jetstream/consumer.ts';
import { DeadLetterStore } from '../../sources/jetstream/dead-letter-store.ts';
import { deadLetterStream } from '../../sources/jetstream/dead-letter-stream.ts';
import { explain } from '../../sources/jetstream/explain.ts';

/** What each of the commands works with. */
export interface Session {
  readonly settings: Settings;
  readonly connection: Connection;
  readonly letters: DeadLetterStore;
}

/**
 * Connects to NATS for as long as a command takes. Throws an UnreachableError if that cannot be, if there is no stream of
 * dead letters, or if the server refuses what the command asks for.
 */
export async function withSession(command: (session: Session) => Promise<void>): Promise<void> {
  const settings = readSettings();
  const connection = await connectNats(settings.nats);
  try {
    await deadLetterStream(connection, settings.deadLetters);
    await command({ settings, connection, letters: await DeadLetterStore.open(connection, settings.deadLetters) });
  } catch (error) {
    throw error instanceof SluiceError ? error : explain(error, connection);
  } finally {
    await connection.close();
  }
}
