import type { Draft, Entry, EventEntry, UpdateEntry, UserUpdate } from './entry.ts';
import type { Outcome } from './message.ts';

/** Where entries go. */
export interface Sink {
  /** What one request may hold. */
  readonly limits: { readonly entries: number; readonly bytes: number };
  /** Serialises a draft. Throws a RangeError for a value that JSON cannot hold, such as one nested too deep. */
  encode(draft: Draft, storedAt: number): EventEntry;
  /** Serialises an update of a user. */
  encodeUpdate(update: UserUpdate, storedAt: number): UpdateEntry;
  /**
   * Sends the entries as one request, or as several when the destination asks for smaller ones, and answers with
   * one outcome for each entry, in the same order. Retries in place for as long as it takes: it never rejects
   * for what the destination or the network does. When `abort` fires, what is not settled by then is `returned`.
   */
  write(entries: readonly Entry[], abort: AbortSignal): Promise<readonly Outcome[]>;
}
