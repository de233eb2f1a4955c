import { lastValueFrom } from 'rxjs';
import { backoffMs } from './core/backoff.ts';
import { messageOf } from './core/errors.ts';
import { wait } from './core/wait.ts';
import type { Shared, SyncHealth } from './engine-options.ts';
import { collectSooner } from './heap-growth.ts';
import type { Log } from './log.ts';
import type { SyncMetrics } from './sync-metrics.ts';
import { openBucket } from './profiles/bucket.ts';
import { openSink, titles } from './sinks/index.ts';
import { type Consumer, type ConsumerOptions, ensureConsumer, streamMadeAt } from './sources/jetstream/consumer.ts';
import { ReplaySource } from './sources/jetstream/replay-source.ts';
import { JetStreamSource } from './sources/jetstream/source.ts';
import { withReplays } from './sources/with-replays.ts';
import { compile } from './syncs/compile.ts';
import { modesOf } from './syncs/expression-modes.ts';
import { subjectsOf } from './syncs/subjects.ts';
import type { Sync } from './syncs/sync.ts';
import { needsUserStates, type UserStates, userStates } from './syncs/user-states.ts';
import { Troubles } from './troubles.ts';

/** Short, since an engine that takes over from one that crashed waits so long; what takes longer is told to be in progress. */
const defaultAckWaitMs = 10_000;
const defaultStateCache = 100_000;
const restartBackoff = { firstMs: 1_000, maxMs: 60_000 };
/** How often the server is asked how far a consumer is. */
const progressEveryMs = 1_000;

/** A sync while it runs: its pipeline is started again if it breaks. */
export class RunningSync {
  readonly sync: Sync;
  readonly #options: Shared;
  readonly #metrics: SyncMetrics;
  readonly #log: Log;
  readonly #troubles: Troubles;
  #consumer: Consumer | undefined;
  /** No message up to this one is delivered again. */
  #ackFloor = 0;
  /** Where a consumer begins that is made, if not where the rule says. */
  #start: 'new' | 'all' | undefined;
  /** Fires when nothing more shall be taken in. */
  readonly #stop = new AbortController();
  /** Fires when nothing more shall be waited for. */
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<void>();

  constructor(sync: Sync, options: Shared) {
    this.sync = sync;
    this.#options = options;
    this.#metrics = options.metrics.of(sync.name);
    this.#metrics.expressions = modesOf(sync);
    this.#log = options.log.child({ sync: sync.name });
    this.#troubles = new Troubles(titles[sync.destination.type], this.#metrics, this.#log);
  }

  get health(): SyncHealth {
    return { sync: this.sync.name, trouble: this.#troubles.first };
  }

  /** Whether nothing can be delivered at the moment, since the destination refuses all requests or does not answer. */
  get stuck(): boolean {
    return (this.#metrics.held ?? this.#metrics.outage) !== null;
  }

  async openConsumer(resumeAt: number | undefined): Promise<Consumer> {
    const { name, source } = this.sync;
    const { all, selected } = subjectsOf(this.sync);
    this.#consumer = await ensureConsumer(this.#options.connection, {
      stream: source.stream,
      name,
      subjects: all,
      ...(selected !== undefined && { selected }),
      start: this.#startOf(resumeAt),
      ackWaitMs: this.#ackWaitMs,
      maxAckPending: this.#credits,
      onPassedOver: (passedOver) => {
        this.#start = 'new';
        this.#log.warn(passedOver, 'The sync was disabled and starts from now; what came meanwhile is passed over.');
      },
    });
    return this.#consumer;
  }

  /** Makes what the sync needs: its consumer, but for replays alone, and the bucket of its users' states. Throws if it cannot. */
  async prepare(): Promise<void> {
    const { connection, replicas, replaysOnly = false } = this.#options;
    if (!replaysOnly) await this.openConsumer(undefined);
    if (!needsUserStates(this.sync)) return;
    await streamMadeAt(connection, this.sync.source.stream);
    await openBucket(connection, this.sync.name, replicas);
  }

  /** Resolves when the sync has ended and everything it had taken in is settled. */
  async run(): Promise<void> {
    const [stop, abort] = [this.#stop.signal, this.#abort.signal];
    this.#log.info({ stream: this.sync.source.stream, endpoint: this.sync.destination.endpoint }, 'The sync starts.');
    const progressTimer = setInterval(() => void this.#readProgress(), progressEveryMs);
    for (let failures = 1; !(await this.#runPipeline(stop, abort)); failures++) {
      await wait(backoffMs(failures, restartBackoff), stop);
      if (stop.aborted) break;
      this.#troubles.startedAgain();
    }
    clearInterval(progressTimer);
    await this.#options.workspaces.leave(this.sync.destination, this.#metrics);
    this.#metrics.ended();
    this.#log.info({ ...this.#metrics.counts }, 'The sync has ended.');
    this.#ended.resolve();
  }

  /**
   * Takes nothing more in, delivers what is in flight, and gives back to the stream what is not settled when `drainMs`
   * have passed. Resolves when the sync has ended.
   */
  async stop(drainMs: number): Promise<void> {
    this.#stop.abort();
    const deadline = setTimeout(() => {
      this.#log.warn({ drainMs }, 'Not everything could be delivered in time; the rest is given back to the stream.');
      this.#abort.abort();
    }, drainMs);
    await this.#ended.promise;
    clearTimeout(deadline);
  }

  /** Answers whether the pipeline has come to its end, rather than broken or to the end of a stream that is gone. */
  async #runPipeline(stop: AbortSignal, abort: AbortSignal): Promise<boolean> {
    const broken = new AbortController();
    try {
      return await this.#stream(stop, AbortSignal.any([abort, broken.signal]));
    } catch (error) {
      // Nothing of it may go on beside the next one.
      broken.abort();
      this.#troubles.broken(messageOf(error));
      this.#log.error({ err: error }, 'The pipeline broke and is started again; nothing is lost.');
      return false;
    }
  }

  /** Answers whether nothing is left to do. */
  async #stream(stop: AbortSignal, abort: AbortSignal): Promise<boolean> {
    const { destination, delivery, source: from, name } = this.sync;
    const telemetry = this.#metrics;
    const { connection, letters, replaysOnly = false } = this.#options;
    const stream = new JetStreamSource({
      connection,
      sync: name,
      stream: from.stream,
      credits: this.#credits,
      mostBytesAsked: this.#options.mostBytesAsked,
      ackWaitMs: this.#ackWaitMs,
      finishing: this.#options.finishing,
      openConsumer: (resumeAt) => this.openConsumer(resumeAt),
      streamMadeAt: () => streamMadeAt(connection, from.stream),
      connected: this.#options.connected,
      deadLetters: this.#options.letters,
      telemetry,
      onTrouble: (trouble) => this.#troubles.nats('stream', trouble),
      onUnstored: (trouble) => this.#troubles.nats('letters', trouble),
    });
    const replays = new ReplaySource({ connection, sync: name, stream: from.stream, letters, telemetry });
    const source = replaysOnly ? replays : withReplays(stream, replays);
    const workspace = this.#options.workspaces.get(destination, delivery.rateLimit);
    const sink = openSink(destination, {
      workspace,
      giveUpAfterMs: delivery.giveUpAfterMs,
      telemetry,
      asksAfterCrash: this.sync.users.afterCrash === 'ask',
      ...(this.#options.pacing !== undefined && { pacing: this.#options.pacing }),
    });
    const users = await this.#openUserStates(abort);
    const pipeline = compile(this.sync, { sink, telemetry, abort, ...(users !== undefined && { users }) });
    telemetry.credits = stream.credits;
    telemetry.states = users?.store;
    await lastValueFrom(pipeline(source.messages(stop)), { defaultValue: undefined });
    await source.settled(abort);
    if (!stream.remade) return true;
    this.#log.warn({ stream: from.stream }, 'The stream was made anew; the sync reads it from its beginning.');
    // All that is in it came while the sync ran.
    this.#start = 'all';
    return false;
  }

  /** What is known of users, if the sync needs it. Made anew for each pipeline: what was not written never happened. */
  async #openUserStates(abort: AbortSignal): Promise<UserStates | undefined> {
    if (!needsUserStates(this.sync)) return undefined;
    const { connection, replicas, stateCache = defaultStateCache } = this.#options;
    const users = userStates(this.sync, {
      bucket: await openBucket(connection, this.sync.name, replicas),
      // No state may leave the cache between its loading and its event, and so many events can be on their way.
      cacheSize: Math.max(stateCache, 2 * this.#credits),
      streamMadeAt: await streamMadeAt(connection, this.sync.source.stream),
      settledThrough: () => this.#ackFloor,
      abort,
      onTrouble: (trouble) => this.#troubles.nats('states', trouble),
      onOverflow: collectSooner,
      onLeftOut: () => this.#metrics.valueReported('state_too_large'),
      onFault: (fault) =>
        this.#log.error({ fault }, 'A state cannot be read; its user is seen for the first time again.'),
    });
    await users.store.warmUp();
    return users;
  }

  #startOf(resumeAt: number | undefined): ConsumerOptions['start'] {
    if (resumeAt !== undefined) return { sequence: resumeAt };
    return this.#start ?? this.sync.source.start;
  }

  get #ackWaitMs(): number {
    return this.#options.ackWaitMs ?? defaultAckWaitMs;
  }

  /** Enough for each request under way, and for as many again that wait for a user or a full batch. */
  get #credits(): number {
    const { delivery, batch } = this.sync;
    return Math.min(50_000, Math.max(1_000, 2 * delivery.concurrency * batch.maxObjects));
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
}
