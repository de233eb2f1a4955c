import { lastValueFrom } from 'rxjs';
import { backoffMs } from './core/backoff.ts';
import { messageOf } from './core/errors.ts';
import { wait } from './core/wait.ts';
import type { EngineOptions, SyncHealth } from './engine.ts';
import type { Log } from './log.ts';
import type { SyncMetrics } from './sync-metrics.ts';
import { openBucket } from './profiles/bucket.ts';
import { brazeSink } from './sinks/braze/sink.ts';
import type { Workspaces } from './sinks/braze/workspace.ts';
import { type Consumer, ensureConsumer, streamMadeAt } from './sources/jetstream/consumer.ts';
import type { DeadLetters } from './sources/jetstream/dead-letter.ts';
import { JetStreamSource } from './sources/jetstream/source.ts';
import { compile } from './syncs/compile.ts';
import { modesOf } from './syncs/expression-modes.ts';
import type { Sync } from './syncs/sync.ts';
import { needsUserStates, type UserStates, userStates } from './syncs/user-states.ts';

/** Short, since an engine that takes over from one that crashed waits so long; what takes longer is told to be in progress. */
const defaultAckWaitMs = 10_000;
const defaultStateCache = 100_000;
const restartBackoff = { firstMs: 1_000, maxMs: 60_000 };
/** How often the server is asked how far a consumer is. */
const progressEveryMs = 1_000;

/** What the syncs of an engine share. */
export interface Shared extends EngineOptions {
  readonly letters: DeadLetters;
  readonly workspaces: Workspaces;
  /** Whether to end when nothing is pending. */
  readonly finishing: () => boolean;
}

type Failing = 'pipeline' | 'stream' | 'states';

/** A sync while it runs: its pipeline is started again if it breaks. */
export class RunningSync {
  readonly #sync: Sync;
  readonly #options: Shared;
  readonly #metrics: SyncMetrics;
  readonly #log: Log;
  /** Why nothing is delivered, by what it is that fails. */
  readonly #troubles = new Map<Failing, string>();
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
    this.#metrics.onConfirmationFailed = (detail) =>
      this.#log.warn(
        { detail },
        'Braze could not be asked which updates it has from before a crash; they are sent again. Give the key the ' +
          'permission users.export.ids, or set users.afterCrash to resend.',
      );
  }

  get health(): SyncHealth {
    const [trouble = this.#metrics.held] = this.#troubles.values();
    return { sync: this.#sync.name, trouble };
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
    for (let failures = 1; !(await this.#runPipeline(stop, abort)); failures++) {
      await wait(backoffMs(failures, restartBackoff), stop);
      if (stop.aborted) break;
      this.#troubles.delete('pipeline');
    }
    clearInterval(progressTimer);
    this.#log.info({ ...this.#metrics.counts }, 'The sync has ended.');
  }

  /** Answers whether the pipeline has come to its end, rather than broken. */
  async #runPipeline(stop: AbortSignal, abort: AbortSignal): Promise<boolean> {
    const broken = new AbortController();
    try {
      await this.#stream(stop, AbortSignal.any([abort, broken.signal]));
      return true;
    } catch (error) {
      // Nothing of it may go on beside the next one.
      broken.abort();
      this.#troubles.set('pipeline', messageOf(error));
      this.#log.error({ err: error }, 'The pipeline broke and is started again; nothing is lost.');
      return false;
    }
  }

  async #stream(stop: AbortSignal, abort: AbortSignal): Promise<void> {
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
      onTrouble: (trouble) => this.#sayTrouble('stream', trouble),
    });
    const workspace = this.#options.workspaces.get(destination, delivery.rateLimit);
    const sink = brazeSink({
      config: destination,
      workspace,
      giveUpAfterMs: delivery.giveUpAfterMs,
      telemetry,
      asksAfterCrash: this.#sync.users.afterCrash === 'ask',
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
      onTrouble: (trouble) => this.#sayTrouble('states', trouble),
      onLeftOut: () => this.#metrics.valueReported('state_too_large'),
      onFault: (fault) =>
        this.#log.error({ fault }, 'A state cannot be read; its user is seen for the first time again.'),
    });
    await users.store.warmUp();
    return users;
  }

  get #ackWaitMs(): number {
    return this.#options.ackWaitMs ?? defaultAckWaitMs;
  }

  /** Enough for each request under way, and for as many again that wait for a user or a full batch. */
  get #credits(): number {
    const { delivery, batch } = this.#sync;
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

  #sayTrouble(failing: Failing, trouble: string | null): void {
    if (trouble === (this.#troubles.get(failing) ?? null)) return;
    if (trouble === null) {
      this.#troubles.delete(failing);
      this.#log.info('NATS answers again.');
    } else {
      this.#troubles.set(failing, trouble);
      this.#log.warn(
        { trouble },
        'NATS does not answer as it should; the sync waits, loses nothing, and goes on as soon as it can.',
      );
    }
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
