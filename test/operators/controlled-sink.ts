import type { Entry, EventEntry, UpdateEntry } from '../../src/core/entry.ts';
import type { Outcome } from '../../src/core/message.ts';
import type { Sink } from '../../src/core/sink.ts';
import { RecordedEnvelope, storedAt } from '../recorded-message.ts';

/** A request that a controlled sink was asked to write. */
export interface WrittenRequest {
  readonly entries: readonly Entry[];
  readonly abort: AbortSignal;
  /** Answers with these outcomes; without any, all entries are delivered. */
  readonly answer: (outcomes?: readonly Outcome[]) => void;
  readonly fail: (error: Error) => void;
}

/** A sink whose requests are answered when the test says so. */
export class ControlledSink implements Sink {
  readonly limits: Sink['limits'];
  /** All requests, in the order in which they were written. */
  readonly written: WrittenRequest[] = [];
  /** Those that are not answered. */
  readonly underWay = new Set<WrittenRequest>();
  /** Called before a request counts as written. */
  onWrite: (entries: readonly Entry[]) => void = () => undefined;

  constructor(limits: Sink['limits'] = { entries: 75, bytes: 4_000_000 }) {
    this.limits = limits;
  }

  encode(): EventEntry {
    throw new Error('entries come encoded');
  }

  encodeUpdate(): UpdateEntry {
    throw new Error('entries come encoded');
  }

  async write(entries: readonly Entry[], abort: AbortSignal): Promise<readonly Outcome[]> {
    this.onWrite(entries);
    const { promise, resolve, reject } = Promise.withResolvers<readonly Outcome[]>();
    const request: WrittenRequest = {
      entries,
      abort,
      answer: (outcomes = entries.map(() => delivered)) => {
        this.underWay.delete(request);
        resolve(outcomes);
      },
      fail: reject,
    };
    this.written.push(request);
    this.underWay.add(request);
    return await promise;
  }

  /** The names of the entries of each request. */
  get requests(): readonly (readonly string[])[] {
    return this.written.map(({ entries }) => entries.map(({ json }) => json));
  }
}

export const delivered: Outcome = { kind: 'delivered', attempts: 1 };

/** An event of a user, whose text is its name. */
export function entry(user: string, name: string, bytes = 10): RecordedEnvelope<Entry> {
  return new RecordedEnvelope<Entry>({ kind: 'event', user, json: name, bytes, storedAt });
}

/** An update of a user, whose text is its name. */
export function update(user: string, name: string, bytes = 10): RecordedEnvelope<Entry> {
  return new RecordedEnvelope<Entry>({ kind: 'update', user, json: name, bytes, storedAt, head: '', attributes: {} });
}
