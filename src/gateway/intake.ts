import type { StreamRecord, StreamWriter } from './stream-writer.ts';

/** What a request brings to the stream. */
export interface Intake {
  /** How many events the client sent. */
  readonly events: number;
  readonly records: readonly StreamRecord[];
  readonly writer: StreamWriter;
}
