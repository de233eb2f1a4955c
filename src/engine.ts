import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { RunningSync } from './running-sync.ts';
import type { Pacing } from './sinks/http/sender.ts';
import { type Timeouts, Workspaces } from './sinks/http/workspace.ts';
import type { Connection } from './sources/jetstream/consumer.ts';
import { openDeadLetters } from './sources/jetstream/dead-letter.ts';
import type { Sync } from './syncs/sync.ts';

export interface EngineOptions {
  readonly connection: Connection;
  /** Those that are enabled. */
  readonly syncs: readonly Sync[];
  /** The stream of what could not be delivered. */
  readonly deadLetters: string;
  /** How long a stop waits for what is in flight, in milliseconds. */
  readonly drainMs: number;
  readonly metrics: Metrics;
  readonly log: Log;
  /** End once nothing is pending and every message is settled, rather than wait for more. */
  readonly once?: boolean;
  /** How long JetStream waits for an ack or a sign of progress before it delivers a message again. */
  readonly ackWaitMs?: number;
  /** How many users' states each sync keeps at hand. */
  readonly stateCache?: number;
  /** How long to wait before a request is sent again, and for its answer; what is not stated is as fits Braze. */
  readonly pacing?: Partial<Pacing>;
  readonly timeouts?: Partial<Timeouts>;
}

/** How a sync is at the moment. */
export interface SyncHealth {
  readonly sync: string;
  /** Why it delivers nothing; null if all is well. */
  readonly trouble: string | null;
}

/** One running pipeline for each sync. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #workspaces: Workspaces;
  readonly #running: RunningSync[] = [];
  /** Fires when nothing more shall be taken in. */
  readonly #stop = new AbortController();
  /** Fires when nothing more shall be waited for. */
  readonly #abort = new AbortController();
  #finishing: boolean;
  #done: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#workspaces = new Workspaces(options.timeouts);
    this.#finishing = options.once ?? false;
  }

  /** Checks what every sync needs, then starts them all. Throws before anything runs if one of them cannot. */
  async start(): Promise<void> {
    const { connection, syncs, deadLetters } = this.#options;
    const letters = await openDeadLetters(connection, deadLetters);
    const shared = { ...this.#options, letters, workspaces: this.#workspaces, finishing: () => this.#finishing };
    for (const sync of syncs) {
      const running = new RunningSync(sync, shared);
      await running.openConsumer(undefined);
      this.#running.push(running);
    }
    this.#done = Promise.all(this.#running.map((sync) => sync.run(this.#stop.signal, this.#abort.signal))).then(() =>
      this.#end(),
    );
  }

  /** From now on as with `once`: ends when nothing is pending and every message is settled. */
  finish(): void {
    this.#finishing = true;
  }

  /** Resolves when all syncs have ended: after `stop`, or by themselves with `once`. */
  async done(): Promise<void> {
    await this.#done;
  }

  /**
   * Takes nothing more in, delivers what is in flight, and gives back to the stream what is not settled when
   * `drainMs` have passed.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    const { drainMs, log } = this.#options;
    const deadline = setTimeout(() => {
      log.warn({ drainMs }, 'Not everything could be delivered in time; the rest is given back to the stream.');
      this.#abort.abort();
    }, drainMs);
    await this.#done.finally(() => clearTimeout(deadline));
  }

  get health(): readonly SyncHealth[] {
    return this.#running.map(({ health }) => health);
  }

  get ready(): boolean {
    return !this.#stop.signal.aborted && this.health.every(({ trouble }) => trouble === null);
  }

  async #end(): Promise<void> {
    await this.#workspaces.close();
    const { connection, log } = this.#options;
    // The acks are on their way; the server has them when it answers this.
    await connection.flush().catch((error: unknown) => {
      log.warn({ err: error }, 'NATS may not have the last acks; the messages that it lacks them for come again.');
    });
  }
}
