/** What the bench of Send Users measures with: a sync, a source with credits, a sink that accepts at once, and states. */
import { lastValueFrom, Observable } from 'rxjs';
import type { Message, Outcome } from '../src/core/message.ts';
import type { Sink } from '../src/core/sink.ts';
import { Metrics } from '../src/metrics.ts';
import type { SyncMetrics } from '../src/sync-metrics.ts';
import type { Bucket } from '../src/profiles/bucket.ts';
import { trackBody } from '../src/sinks/braze/body.ts';
import { bodyLimits, encodeEvent, encodeUpdate } from '../src/sinks/braze/request.ts';
import { compile } from '../src/syncs/compile.ts';
import { syncSchema } from '../src/syncs/schema.ts';
import { resolveSync, type Sync } from '../src/syncs/sync.ts';
import { type UserStates, userStates } from '../src/syncs/user-states.ts';

/** As many as an engine has for a sync with the defaults. */
export const credits = 4_800;

const selected = 'plan lifetime_value loyalty_points newsletter theme recent_searches favourite_genres trial_ends_at';

/** The same sync, with or without `users`. */
export function benchSync(sendUsers: boolean): Sync {
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
  readonly #sync: Sync;
  readonly #users: UserStates | undefined;
  readonly metrics: SyncMetrics = new Metrics().of('bench');
  readonly #sink: Sink;
  #sequence = 0;

  private constructor(sync: Sync, states?: { readonly bucket: Bucket; readonly cacheSize: number }) {
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
    const source = new CreditedSource(count, payload, this.#sequence);
    await lastValueFrom(pipeline(source.messages()), { defaultValue: undefined });
    await source.settled;
    this.#sequence += count;
  }
}

const never = new AbortController().signal;

/** Hands out no more than the credits allow. */
class CreditedSource {
  readonly #count: number;
  readonly #payload: (index: number) => Uint8Array;
  readonly #after: number;
  readonly #settled = Promise.withResolvers<void>();

  constructor(count: number, payload: (index: number) => Uint8Array, after: number) {
    this.#count = count;
    this.#payload = payload;
    this.#after = after;
  }

  /** Resolves when every event is settled; rejects if one is lost. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  messages(): Observable<Message> {
    const count = this.#count;
    return new Observable((subscriber) => {
      let [next, settled, pumping] = [0, 0, false];
      const pump = () => {
        pumping = false;
        while (next < count && next - settled < credits) subscriber.next(message(next++));
        if (next === count) subscriber.complete();
      };
      const settle = ({ kind }: Outcome) => {
        if (kind === 'discarded' || kind === 'returned') this.#settled.reject(new Error(`an event was ${kind}`));
        if (++settled === count) this.#settled.resolve();
        // As a fetch does: not for each credit that comes free, and not within the settling.
        if (pumping || next === count || credits - (next - settled) < credits / 4) return;
        pumping = true;
        setImmediate(pump);
      };
      const message = (index: number): Message => ({
        payload: this.#payload(index),
        storedAt: Date.now(),
        redelivered: false,
        sequence: this.#after + index + 1,
        expect: () => undefined,
        settle,
      });
      pump();
    });
  }
}

function acceptingSink({ destination }: Sync): Sink {
  const delivered: Outcome = { kind: 'delivered', attempts: 1 };
  return {
    limits: bodyLimits,
    encode: encodeEvent(destination),
    encodeUpdate: encodeUpdate(destination),
    write(entries) {
      trackBody(entries);
      return Promise.resolve(entries.map(() => delivered));
    },
  };
}

function fail(why: string | null): void {
  if (why !== null) throw new Error(why);
}
