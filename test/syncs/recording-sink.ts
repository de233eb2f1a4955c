import type { Entry } from '../../src/core/entry.ts';
import type { Outcome } from '../../src/core/message.ts';
import type { Sink } from '../../src/core/sink.ts';
import type { BrazeConfig } from '../../src/sinks/braze/config.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from '../../src/sinks/braze/request.ts';

/** A sink that encodes as for Braze, keeps what it is given, and answers at once. */
export class RecordingSink implements Sink {
  readonly limits: Sink['limits'];
  readonly encode: Sink['encode'];
  readonly encodeUpdate: Sink['encodeUpdate'];
  /** The objects of each request. */
  readonly requests: (readonly unknown[])[] = [];
  /** What an entry is answered with. */
  readonly #outcomeOf: (entry: Entry) => Outcome;

  constructor(
    destination: BrazeConfig,
    outcomeOf: (entry: Entry) => Outcome = () => ({ kind: 'delivered', attempts: 1 }),
    limits: Sink['limits'] = bodyLimits,
  ) {
    this.limits = limits;
    this.encode = encodeEvent(destination);
    this.encodeUpdate = encodeUpdate(destination);
    this.#outcomeOf = outcomeOf;
  }

  async write(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    this.requests.push(entries.map(({ json }): unknown => JSON.parse(json)));
    return await Promise.resolve(entries.map(this.#outcomeOf));
  }
}
