/** A running engine with a stream of its own, in front of a Braze simulator of its own. */
import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { vi } from 'vitest';
import { Engine } from '../src/engine.ts';
import type { EngineOptions } from '../src/engine-options.ts';
import { createLog } from '../src/log.ts';
import { Metrics } from '../src/metrics.ts';
import type { SyncMetrics } from '../src/sync-metrics.ts';
import { connectNats } from '../src/nats/connect.ts';
import { createStream, type Stream } from '../src/nats/stream.ts';
import { bucketName } from '../src/profiles/bucket.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/simulator/simulator.ts';
import { syncSchema } from '../src/syncs/schema.ts';
import { resolveSync, type Sync } from '../src/syncs/sync.ts';

export interface RunningEngineOptions {
  readonly natsUrl: string;
  /** Parts of the rule file that differ from a sync of all events by `user_id`. */
  readonly rule?: Readonly<Record<string, unknown>>;
  readonly simulator?: SimulatorOptions;
  readonly engine?: Partial<
    Pick<EngineOptions, 'once' | 'ackWaitMs' | 'drainMs' | 'pacing' | 'timeouts' | 'deadLetterLimits'>
  >;
  /** Start the engine only when `start` is called: the stream is filled first. */
  readonly paused?: boolean;
}

/** A dead letter as it is stored. */
export interface StoredLetter {
  readonly subject: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class RunningEngine implements AsyncDisposable {
  readonly connection: NatsConnection;
  readonly simulator: Simulator;
  readonly stream: Stream;
  readonly sync: Sync;
  readonly metrics = new Metrics();
  readonly engine: Engine;
  readonly #deadLetters: string;
  readonly #engineOptions: EngineOptions;

  private constructor(connection: NatsConnection, simulator: Simulator, stream: Stream, options: RunningEngineOptions) {
    this.connection = connection;
    this.simulator = simulator;
    this.stream = stream;
    this.#deadLetters = `${stream.name}_DEAD`;
    this.sync = syncOf(stream.name, simulator, options.rule ?? {});
    this.#engineOptions = {
      connection,
      syncs: [this.sync],
      deadLetters: this.#deadLetters,
      // A limit of bytes is set aside by the server, and many tests run at once.
      deadLetterLimits: { maxAgeMs: 0, maxBytes: 0 },
      drainMs: 10_000,
      metrics: this.metrics,
      log: createLog({ log: { level: 'silent', format: 'json' }, secrets: [] }),
      ...options.engine,
    };
    this.engine = new Engine(this.#engineOptions);
  }

  static async start(options: RunningEngineOptions): Promise<RunningEngine> {
    const connection = await connectNats({ urls: [options.natsUrl] });
    const name = `T_${randomUUID().slice(0, 8)}`;
    const stream = await createStream(connection, name, [`${name}.>`]);
    const simulator = await startSimulator(options.simulator);
    const running = new RunningEngine(connection, simulator, stream, options);
    if (options.paused !== true) await running.engine.start();
    return running;
  }

  /** Another engine for the same sync, as a process that takes over. Not started; whoever asks for it stops it. */
  another(): { readonly engine: Engine; readonly metrics: Metrics } {
    const metrics = new Metrics();
    return { engine: new Engine({ ...this.#engineOptions, metrics }), metrics };
  }

  get counts(): SyncMetrics {
    return this.metrics.of(this.sync.name);
  }

  /** Publishes each value as a message; text and bytes as they are, anything else as JSON. */
  async publish(...payloads: readonly unknown[]): Promise<void> {
    const subject = `${this.stream.name}.events`;
    for (let start = 0; start < payloads.length; start += 500) {
      await Promise.all(
        payloads.slice(start, start + 500).map((payload) => this.stream.publish(subject, bytesOf(payload))),
      );
    }
  }

  /** Resolves once so many events are settled, and nothing is in flight. */
  async settled(events: number, timeoutMs = 20_000): Promise<void> {
    await vi.waitFor(
      () => {
        const { received } = this.counts.counts;
        if (received < events || this.counts.inFlight > 0) {
          throw new Error(`${received} of ${events} events received, ${this.counts.inFlight} in flight`);
        }
      },
      { timeout: timeoutMs, interval: 10 },
    );
  }

  async deadLetterCount(): Promise<number> {
    const { state } = await (await jetstreamManager(this.connection)).streams.info(this.#deadLetters);
    return state.messages;
  }

  async deadLetters(): Promise<readonly StoredLetter[]> {
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info(this.#deadLetters);
    const letters: StoredLetter[] = [];
    // An empty stream begins at 0 or 1, as the server has it.
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const stored = await manager.streams.getMessage(this.#deadLetters, { seq });
      if (stored === null) continue;
      const headers = Object.fromEntries([...stored.header].map(([name, values]) => [name, values[0] ?? '']));
      letters.push({ subject: stored.subject, payload: new TextDecoder().decode(stored.data), headers });
    }
    return letters;
  }

  /** What the server says of the sync's consumer. */
  async consumer() {
    return await (await jetstream(this.connection).consumers.get(this.stream.name, this.sync.name)).info();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.simulator.clearFaults();
    this.simulator.release();
    await this.engine.stop();
    await this.simulator.close();
    const manager = await jetstreamManager(this.connection);
    const states = `KV_${bucketName(this.sync.name)}`;
    for (const name of [this.stream.name, this.#deadLetters, states])
      await manager.streams.delete(name).catch(() => false);
    await this.connection.close();
  }
}

function syncOf(stream: string, { url, key }: Simulator, rule: Readonly<Record<string, unknown>>): Sync {
  const { events = {}, source = {}, ...rest } = rule;
  const file = syncSchema.parse({
    name: stream,
    source: { stream, subjects: `${stream}.>`, start: 'all', ...(source as object) },
    destination: { type: 'braze', endpoint: url, apiKey: key },
    events: { select: ['*'], properties: ['event_properties.seq'], ...(events as object) },
    batch: { maxWaitMs: 50 },
    ...rest,
  });
  const { filter } = file.events ?? {};
  return resolveSync('test.yaml', file, typeof filter === 'string' ? filter : undefined);
}

function bytesOf(payload: unknown): string | Uint8Array {
  return typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
}
