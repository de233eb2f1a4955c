import { lastValueFrom } from 'rxjs';
import { backoffMs } from './core/backoff.ts';
import { messageOf } from './core/errors.ts';
import { wait } from './core/wait.ts';
import type { Log } from './log.ts';
import type { Metrics, SyncMetrics } from './metrics.ts';
import { openBucket } from './profiles/bucket.ts';
import { brazeSink, type Pacing } from './sinks/braze/sink.ts';
import { type Timeouts, Workspaces } from './sinks/braze/workspace.ts';
import { type Connection, type Consumer, ensureConsumer, streamMadeAt } from './sources/jetstream/consumer.ts';
import { type DeadLetters, openDeadLetters } from './sources/jetstream/dead-letter.ts';
import { JetStreamSource } from './sources/jetstream/source.ts';
import { compile } from './syncs/compile.ts';
import { modesOf } from './syncs/expression-modes.ts';
import type { Sync } from './syncs/sync.ts';
import { needsUserStates, type UserStates, userStates } from './syncs/user-states.ts';

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

/** Short, since an engine that takes over from one that crashed waits so long; what takes longer is told to be in progress. */
const defaultAckWaitMs = 10_000;
const defaultStateCache = 100_000;
const restartBackoff = { firstMs: 1_000, maxMs: 60_000 };
/** How often the server is asked how far a consumer is. */
const progressEveryMs = 5_000;

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
    // The acks are on their way; the server has them when it answers this.
    await this.#options.connection.flush();
  }
}

/** What the syncs of an engine share. */
interface Shared extends EngineOptions {
  readonly letters: DeadLetters;
  readonly workspaces: Workspaces;
  /** Whether to end when nothing is pending. */
  readonly finishing: () => boolean;
}

/** A sync while it runs: its pipeline is started again if it breaks. */
class RunningSync {
  readonly #sync: Sync;
  readonly #options: Shared;
  readonly #metrics: SyncMetrics;
  readonly #log: Log;
  #trouble: string | null = null;
  #consumer: Consumer | undefined;
  /** No message up to this one is delivered again. */
  #ackFloor = 0;

  constructor(sync: Sync, options: Shared) {
    this.#sync = sync;
    this.#options = options;
    this.#metrics = options.metrics.of(sync.name);
    this.#metrics.expressions = modesOf(sync);
    this.#log = options.log.child({ sync: sync.name });
    this.#metrics.onHolding = (reason) => this.#sayHolding(reason);
  }

  get health(): SyncHealth {
    return { sync: this.#sync.name, trouble: this.#trouble ?? this.#metrics.held };
  }

  async openConsumer(resumeAt: number | undefined): Promise<Consumer> {
    const { name, source } = this.#sync;
    this.#consumer = await ensureConsumer(this.#options.connection, {
      stream: source.stream,
      name,
      subjects: source.subjects,
      start: resumeAt === undefined ? source.start : { sequence: resumeAt },
      ackWaitMs: this.#ackWaitMs,
      maxAckPending: this.#credits,
    });
    return this.#consumer;
  }

  /** Resolves when the sync has ended and everything it had taken in is settled. */
  async run(stop: AbortSignal, abort: AbortSignal): Promise<void> {
    this.#log.info({ stream: this.#sync.source.stream, endpoint: this.#sync.destination.endpoint }, 'The sync starts.');
    const progressTimer = setInterval(() => void this.#readProgress(), progressEveryMs);
    for (let failures = 0; ;) {
      try {
        await this.#runPipeline(stop, abort);
        break;
      } catch (error) {
        failures++;
        this.#trouble = `the pipeline broke: ${messageOf(error)}`;
        this.#log.error({ err: error }, 'The pipeline broke and is started again; nothing is lost.');
        await wait(backoffMs(failures, restartBackoff), stop);
        if (stop.aborted) break;
        this.#trouble = null;
      }
    }
    clearInterval(progressTimer);
    this.#log.info({ ...this.#metrics.counts }, 'The sync has ended.');
  }

  async #runPipeline(stop: AbortSignal, abort: AbortSignal): Promise<void> {
    const { destination, delivery, source: from, name } = this.#sync;
    const telemetry = this.#metrics;
    const source = new JetStreamSource({
      sync: name,
      stream: from.stream,
      credits: this.#credits,
      ackWaitMs: this.#ackWaitMs,
      finishing: this.#options.finishing,
      openConsumer: (resumeAt) => this.openConsumer(resumeAt),
      deadLetters: this.#options.letters,
      telemetry,
      onTrouble: (trouble) => this.#sayTrouble(trouble),
    });
    const workspace = this.#options.workspaces.get(destination, delivery.rateLimit);
    const sink = brazeSink({
      config: destination,
      workspace,
      giveUpAfterMs: delivery.giveUpAfterMs,
      telemetry,
      ...(this.#options.pacing !== undefined && { pacing: this.#options.pacing }),
    });
    const users = await this.#openUserStates(abort);
    const pipeline = compile(this.#sync, { sink, telemetry, abort, ...(users !== undefined && { users }) });
    telemetry.credits = source.credits;
    telemetry.states = users?.store;
    await lastValueFrom(pipeline(source.messages(stop)), { defaultValue: undefined });
    await source.settled(abort);
  }

  /** What is known of users, if the sync needs it. Made anew for each pipeline: what was not written never happened. */
  async #openUserStates(abort: AbortSignal): Promise<UserStates | undefined> {
    if (!needsUserStates(this.#sync)) return undefined;
    const { connection, stateCache = defaultStateCache } = this.#options;
    const users = userStates(this.#sync, {
      bucket: await openBucket(connection, this.#sync.name),
      // No state may leave the cache between its loading and its event, and so many events can be on their way.
      cacheSize: Math.max(stateCache, 2 * this.#credits),
      streamMadeAt: await streamMadeAt(connection, this.#sync.source.stream),
      settledThrough: () => this.#ackFloor,
      abort,
      onTrouble: (trouble) => this.#sayTrouble(trouble),
      onFault: (fault) =>
        this.#log.error({ fault }, 'A state cannot be read; its user is seen for the first time again.'),
    });
    await users.store.warmUp();
    return users;
  }

  get #ackWaitMs(): number {
    return this.#options.ackWaitMs ?? defaultAckWaitMs;
  }

  /** Enough for each request under way, for as many again that wait for a user or a full batch, and twice that. */
  get #credits(): number {
    const { delivery, batch } = this.#sync;
    return Math.min(50_000, Math.max(1_000, 4 * delivery.concurrency * batch.maxObjects));
  }

  /** Asks the server how far the consumer is. */
  async #readProgress(): Promise<void> {
    try {
      const info = await this.#consumer?.info();
      this.#metrics.pending = info?.num_pending;
      this.#ackFloor = info?.ack_floor.stream_seq ?? this.#ackFloor;
    } catch {
      this.#metrics.pending = undefined;
    }
  }

  #sayTrouble(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (trouble === null) this.#log.info('The stream can be read again.');
    else this.#log.warn({ trouble }, 'The stream cannot be read at the moment; the sync goes on as soon as it can.');
  }

  #sayHolding(reason: string | null): void {
    if (reason === null) this.#log.info('Braze accepts requests again.');
    else
      this.#log.error(
        { reason },
        'Braze refuses all requests of this sync. It waits, and drops nothing; mend what Braze says.',
      );
  }
}
