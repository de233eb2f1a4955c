/** What the bench of Send Users measures with: a sync, a source with credits, a sink that accepts at once, and states. */
import { lastValueFrom } from 'rxjs';
import type { Sink } from '../src/core/sink.ts';
import { collectSooner } from '../src/heap-growth.ts';
import { Metrics } from '../src/metrics.ts';
import type { SyncMetrics } from '../src/sync-metrics.ts';
import type { Bucket } from '../src/profiles/bucket.ts';
import { compile } from '../src/syncs/compile.ts';
import { syncSchema } from '../src/syncs/schema.ts';
import { type BrazeSync, resolveSync } from '../src/syncs/sync.ts';
import { type UserStates, userStates } from '../src/syncs/user-states.ts';
import { acceptingSink } from './accepting-sink.ts';
import { CreditedSource } from './credited-source.ts';

/** As many as an engine has for a sync with the defaults. */
export const credits = 2_400;

const selected = 'plan lifetime_value loyalty_points newsletter theme recent_searches favourite_genres trial_ends_at';

/** The same sync, with or without `users`. */
export function benchSync(sendUsers: boolean): BrazeSync {
  const rule = {
    name: 'bench',
    destination: { type: 'braze', endpoint: 'https://rest.iad-01.braze.com', apiKey: 'bench', appId: 'bench' },
    identifier: {},
    events: {
      select: ['*'],
      properties: ['event_properties.price', 'event_properties.quantity', 'event_properties.url', 'platform'],
    },
    ...(sendUsers && { users: { properties: selected.split(' ') } }),
  };
  return resolveSync('bench.yaml', syncSchema.parse(rule), '$exists($identifier)');
}

/** A sync with all that it keeps from one call of `send` to the next. */
export class Runner {
  readonly #sync: BrazeSync;
  readonly #users: UserStates | undefined;
  readonly metrics: SyncMetrics = new Metrics().of('bench');
  readonly #sink: Sink;
  #sequence = 0;

  private constructor(sync: BrazeSync, states?: { readonly bucket: Bucket; readonly cacheSize: number }) {
    this.#sync = sync;
    this.#sink = acceptingSink(sync);
    if (states === undefined) return;
    this.#users = userStates(sync, {
      ...states,
      streamMadeAt: 1,
      // An engine asks the server now and then; here it is all before this call of `send`.
      settledThrough: () => this.#sequence,
      abort: never,
      onTrouble: fail,
      // As `run` does.
      onOverflow: collectSooner,
      onLeftOut: () => fail('a value was left out'),
      onFault: fail,
    });
  }

  static withoutUsers(): Runner {
    return new Runner(benchSync(false));
  }

  /** @param cacheSize how many states are kept at hand */
  static async withUsers(bucket: Bucket, cacheSize: number): Promise<Runner> {
    const runner = new Runner(benchSync(true), { bucket, cacheSize });
    await runner.#users?.store.warmUp();
    return runner;
  }

  /** How many states were at hand and how many were not, so far. */
  get reads(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#users?.store.hits ?? 0, misses: this.#users?.store.misses ?? 0 };
  }

  /** Sends as many events, one a message, and resolves when each is settled. None may be lost on the way. */
  async send(count: number, payload: (index: number) => Uint8Array): Promise<void> {
    const pipeline = compile(this.#sync, {
      sink: this.#sink,
      telemetry: this.metrics,
      abort: never,
      ...(this.#users !== undefined && { users: this.#users }),
    });
    const source = new CreditedSource({ count, payload, credits, after: this.#sequence });
    await lastValueFrom(pipeline(source.messages()), { defaultValue: undefined });
    await source.settled;
    this.#sequence += count;
  }
}

const never = new AbortController().signal;

function fail(why: string | null): void {
  if (why !== null) throw new Error(why);
}
