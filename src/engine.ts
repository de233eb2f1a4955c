import { watchDeadLetters } from './dead-letter-watch.ts';
import type { EngineOptions, Shared, SyncHealth } from './engine-options.ts';
import { connectedOf } from './nats/connected.ts';
import { RunningSync } from './running-sync.ts';
import { Workspaces } from './sinks/http/workspace.ts';
import { markDisabled } from './sources/jetstream/consumer.ts';
import { DeadLetterStore } from './sources/jetstream/dead-letter-store.ts';
import { explain } from './sources/jetstream/explain.ts';
import { ensureDeadLetterStream } from './sources/jetstream/dead-letter-stream.ts';
import type { Sync } from './syncs/sync.ts';

/**
 * By all syncs together. A nats-server ends a connection for which more than 64 MiB wait, unless it is configured otherwise
 * (`max_pending`, docs.nats.io/running-a-nats-service/configuration), and the acks that were under way are lost with it.
 */
const mostBytesAsked = 32 * 1_024 * 1_024;

/** One running pipeline for each sync that is enabled. Which these are may change while it runs: see `Reloader`. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #workspaces: Workspaces;
  /** By name, from their start to their end. */
  readonly #running = new Map<string, RunningSync>();
  readonly #done = Promise.withResolvers<void>();
  #shared: Shared | undefined;
  #letterWatch: { stop(): void } | undefined;
  #stopping = false;
  #finishing: boolean;
  #ending: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#workspaces = new Workspaces(options.timeouts);
    this.#finishing = options.once ?? false;
  }

  /** Makes what every sync needs, then starts those that are enabled. Throws before any runs if one of them cannot. */
  async start(): Promise<void> {
    await this.#start().catch((error: unknown) => {
      throw explain(error, this.#options.connection);
    });
  }

  async #start(): Promise<void> {
    const { connection, syncs, deadLetters, replicas, replaysOnly = false, log } = this.#options;
    const limits = { ...this.#options.deadLetterLimits, replicas };
    await ensureDeadLetterStream(connection, deadLetters, limits, (why) =>
      log.warn({ stream: deadLetters, why }, 'The limits of the stream of dead letters are left as they are.'),
    );
    const letters = await DeadLetterStore.open(connection, deadLetters);
    const shared = {
      ...this.#options,
      letters,
      workspaces: this.#workspaces,
      connected: connectedOf(connection),
      mostBytesAsked: () => mostBytesAsked / this.#running.size,
      finishing: () => this.#finishing,
    };
    const ready: RunningSync[] = [];
    for (const sync of syncs) {
      if (!sync.enabled && !replaysOnly) {
        await markDisabled(connection, sync.source.stream, sync.name);
        continue;
      }
      const running = new RunningSync(sync, shared);
      await running.prepare();
      ready.push(running);
    }
    this.#shared = shared;
    const { metrics } = this.#options;
    this.#letterWatch = watchDeadLetters({ connection, stream: deadLetters, limits, metrics, log });
    for (const running of ready) this.#launch(running);
    this.#endIfDone();
  }

  /** Those that run now. */
  get running(): readonly Sync[] {
    return [...this.#running.values()].map(({ sync }) => sync);
  }

  /** Starts a sync while the engine runs; one of the same name has to be ended before. What it lacks it waits for. */
  async startSync(sync: Sync): Promise<void> {
    if (this.#shared === undefined) return;
    const running = new RunningSync(sync, this.#shared);
    // Its place is taken here if that works now. Where it does not, the running sync says so and tries again.
    await running.openConsumer(undefined).catch(() => undefined);
    if (!this.#stopping) this.#launch(running);
  }

  /** Ends a sync that runs: it takes nothing more in, delivers what is in flight, and gives the rest back. */
  async endSync(name: string): Promise<void> {
    const running = this.#running.get(name);
    // What cannot be delivered is not waited for: a mended key or endpoint should take effect at once.
    await running?.stop(running.stuck ? 0 : this.#options.drainMs);
  }

  /** From now on as with `once`: ends when nothing is pending and every message is settled. */
  finish(): void {
    this.#finishing = true;
    this.#endIfDone();
  }

  /** Resolves when all syncs have ended: after `stop`, or by themselves with `once`. */
  async done(): Promise<void> {
    await this.#done.promise;
  }

  /**
   * Takes nothing more in, delivers what is in flight, and gives back to the stream what is not settled when
   * `drainMs` have passed.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const running of this.#running.values()) void running.stop(this.#options.drainMs);
    this.#endIfDone();
    await this.done();
  }

  get health(): readonly SyncHealth[] {
    return [...this.#running.values()].map(({ health }) => health);
  }

  get ready(): boolean {
    return this.#shared !== undefined && !this.#stopping && this.health.every(({ trouble }) => trouble === null);
  }

  #launch(running: RunningSync): void {
    const { name } = running.sync;
    this.#running.set(name, running);
    void running.run().then(() => {
      this.#running.delete(name);
      this.#endIfDone();
    });
  }

  #endIfDone(): void {
    if (this.#running.size > 0 || !(this.#stopping || this.#finishing)) return;
    this.#ending ??= this.#end();
    this.#done.resolve(this.#ending);
  }

  async #end(): Promise<void> {
    this.#letterWatch?.stop();
    await this.#workspaces.close();
    const { connection, log } = this.#options;
    // The acks are on their way; the server has them when it answers this.
    await connection.flush().catch((error: unknown) => {
      log.warn({ err: error }, 'NATS may not have the last acks; the messages that it lacks them for come again.');
    });
  }
}
