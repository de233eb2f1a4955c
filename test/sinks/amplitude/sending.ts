/** An Amplitude sink in front of a simulator, and all that it tells about itself. */
import type { Entry } from '../../../src/core/entry.ts';
import type { Outcome } from '../../../src/core/message.ts';
import type { Sink } from '../../../src/core/sink.ts';
import { type RetryReason, silent, type Telemetry } from '../../../src/core/telemetry.ts';
import type { AmplitudeSimulator } from '../../../src/simulator/amplitude/simulator.ts';
import type { AmplitudeConfig } from '../../../src/sinks/amplitude/config.ts';
import { amplitudeSink } from '../../../src/sinks/amplitude/sink.ts';
import type { Pacing } from '../../../src/sinks/http/pacing.ts';
import { type Timeouts, Workspaces } from '../../../src/sinks/http/workspace.ts';

/** Little enough for a test to sit through, and no pause is obeyed for longer. */
const impatient: Pacing = { backoff: { firstMs: 1, maxMs: 4 }, holdMs: 5, maxPauseMs: 5 };

export interface SendingOptions {
  readonly config?: Partial<AmplitudeConfig>;
  readonly giveUpAfterMs?: number;
  readonly pacing?: Partial<Pacing>;
  readonly timeouts?: Partial<Timeouts>;
}

export class Sending implements AsyncDisposable {
  readonly sink: Sink;
  readonly abort = new AbortController();
  readonly #workspaces: Workspaces;
  /** What the sink told: each answer, each reason to send again, each change of its hold. */
  readonly answered: (number | 'failed')[] = [];
  readonly retried: RetryReason[] = [];
  readonly holding: (string | null)[] = [];

  constructor({ url, key }: Pick<AmplitudeSimulator, 'url' | 'key'>, options: SendingOptions = {}) {
    const config: AmplitudeConfig = { endpoint: url, apiKey: key, api: 'httpapi', names: 'appboy', ...options.config };
    this.#workspaces = new Workspaces(options.timeouts);
    const telemetry: Telemetry = {
      ...silent,
      answered: (status) => void this.answered.push(status),
      retried: (reason) => void this.retried.push(reason),
      holding: (reason) => void this.holding.push(reason),
    };
    this.sink = amplitudeSink({
      config,
      workspace: this.#workspaces.get(config, { requests: 3_000, perMs: 3_000 }),
      giveUpAfterMs: options.giveUpAfterMs ?? null,
      telemetry,
      pacing: { ...impatient, ...options.pacing },
    });
  }

  /** Events of these users, in this order; each has its place for an id. */
  events(users: readonly string[], fields: Readonly<Record<string, unknown>> = {}): readonly Entry[] {
    return users.map((user, seq) =>
      this.sink.encode(
        {
          identifier: user,
          name: '[Appboy] Email Open',
          time: '2026-03-01T10:00:00.000Z',
          properties: { seq },
          fields: { user_id: user, insert_id: `i${seq}`, ...fields },
        },
        Date.now(),
      ),
    );
  }

  write(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    return this.sink.write(entries, this.abort.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await this.#workspaces.close();
  }
}
