import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BucketHistogram } from './bucket-histogram.ts';
import { ReloadMetrics } from './reload-metrics.ts';
import type { DeadLetterLevel } from './sources/jetstream/dead-letter-stream.ts';

import { type SyncCounts, SyncMetrics } from './sync-metrics.ts';

const latencyBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1_800, 14_400];
const objectBuckets = [1, 5, 10, 20, 30, 40, 50, 60, 70, 74, 75];

/** The metrics of an engine, one set for each sync. */
export class Metrics {
  /** For what else this process counts. */
  readonly registry = new Registry();
  /** The stream of dead letters when it was last looked at. */
  deadLetters: DeadLetterLevel | undefined;
  readonly reloads = new ReloadMetrics(this.registry);
  readonly #latency: BucketHistogram;
  readonly #objects: Histogram<'sync'>;
  readonly #requests: Counter<'sync' | 'status'>;
  readonly #retries: Counter<'sync' | 'reason'>;
  readonly #leftOut: Counter<'sync' | 'reason'>;
  readonly #valueReports: Counter<'sync' | 'why'>;
  readonly #syncs = new Map<string, SyncMetrics>();

  constructor() {
    const registers = [this.registry];
    this.#latency = new BucketHistogram({
      name: 'sluice_delivery_latency_seconds',
      help: 'From the moment the stream stored an event until the destination accepted it.',
      labelNames: ['sync'],
      buckets: latencyBuckets,
      registers,
    });
    this.#objects = new Histogram({
      name: 'sluice_request_objects',
      help: 'Objects in a request that was answered.',
      labelNames: ['sync'],
      buckets: objectBuckets,
      registers,
    });
    this.#requests = new Counter({
      name: 'sluice_requests_total',
      help: 'Requests to the destination by class of answer; `failed` had no whole answer.',
      labelNames: ['sync', 'status'],
      registers,
    });
    this.#retries = new Counter({
      name: 'sluice_retries_total',
      help: 'Requests that were sent again, by reason.',
      labelNames: ['sync', 'reason'],
      registers,
    });
    this.#leftOut = new Counter({
      name: 'sluice_properties_left_out_total',
      help: 'Computed properties that failed and were left out of their event, by JSONata error code.',
      labelNames: ['sync', 'reason'],
      registers,
    });
    this.#valueReports = new Counter({
      name: 'sluice_user_values_altered_total',
      help: 'Values of users that were cut or left out, since Braze would not have taken them, by reason.',
      labelNames: ['sync', 'why'],
      registers,
    });
    this.#registerCounts();
    this.#registerDeadLetters();
  }

  /** The metrics of a sync; the same ones for the same name, so that a restarted sync counts on. */
  of(sync: string): SyncMetrics {
    let metrics = this.#syncs.get(sync);
    if (metrics === undefined) {
      metrics = new SyncMetrics({
        latency: this.#latency.of(sync),
        objects: this.#objects.labels(sync),
        request: (status) => this.#requests.inc({ sync, status }),
        retry: (reason) => this.#retries.inc({ sync, reason }),
        leftOut: (reason) => this.#leftOut.inc({ sync, reason }),
        valueReport: (why) => this.#valueReports.inc({ sync, why }),
      });
      this.#syncs.set(sync, metrics);
    }
    return metrics;
  }

  /** The names of the syncs that run or ran. */
  get syncs(): readonly string[] {
    return [...this.#syncs.keys()];
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    return await this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  #registerDeadLetters(): void {
    const read = (): DeadLetterLevel | undefined => this.deadLetters;
    const gauge = (name: string, help: string, of: (level: DeadLetterLevel) => number | undefined): void => {
      void new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          const level = read();
          const value = level === undefined ? undefined : of(level);
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    };
    gauge('sluice_dead_letters', 'Letters in the stream of dead letters.', ({ letters }) => letters);
    gauge('sluice_dead_letters_bytes', 'Bytes in the stream of dead letters.', ({ bytes }) => bytes);
    gauge(
      'sluice_dead_letters_max_bytes',
      'Bytes at which the stream of dead letters refuses new ones.',
      ({ maxBytes }) => maxBytes,
    );
    gauge('sluice_dead_letters_oldest_timestamp_seconds', 'When the oldest dead letter came.', ({ oldestAt }) =>
      oldestAt === undefined ? undefined : oldestAt / 1_000,
    );
  }

  /** Events are counted in plain numbers, which cost nothing, and copied here when somebody asks. */
  #registerCounts(): void {
    const registers = [this.registry];
    const syncs = this.#syncs;
    const counter = <L extends string>(
      name: string,
      help: string,
      labels: readonly L[],
      read: (counts: SyncCounts, metrics: SyncMetrics) => readonly (readonly [Partial<Record<L, string>>, number])[],
    ): void => {
      void new Counter({
        name,
        help,
        labelNames: ['sync', ...labels],
        registers,
        collect() {
          this.reset();
          for (const [sync, metrics] of syncs) {
            for (const [values, value] of read(metrics.counts, metrics))
              this.inc({ sync, ...values } as Record<'sync' | L, string>, value);
          }
        },
      });
    };
    const gauge = (name: string, help: string, read: (metrics: SyncMetrics) => number | undefined): void => {
      void new Gauge({
        name,
        help,
        labelNames: ['sync'],
        registers,
        collect() {
          this.reset();
          for (const [sync, metrics] of syncs) {
            const value = read(metrics);
            if (value !== undefined) this.set({ sync }, value);
          }
        },
      });
    };
    counter('sluice_events_received_total', 'Events that the source handed out.', [], ({ received }) => [
      [{}, received],
    ]);
    counter(
      'sluice_events_delivered_total',
      'Events that the destination accepted, at the first attempt or after a retry.',
      ['attempt'],
      ({ deliveredFirst, deliveredAfterRetry }) => [
        [{ attempt: 'first' }, deliveredFirst],
        [{ attempt: 'retry' }, deliveredAfterRetry],
      ],
    );
    counter('sluice_events_filtered_total', 'Events that the sync does not want.', [], ({ filtered }) => [
      [{}, filtered],
    ]);
    counter(
      'sluice_events_discarded_total',
      'Events that went to the dead letters, by reason.',
      ['reason'],
      ({ discarded }) => Object.entries(discarded).map(([reason, count]) => [{ reason }, count]),
    );
    counter(
      'sluice_events_returned_total',
      'Events that were given back to the stream when the engine stopped.',
      [],
      ({ returned }) => [[{}, returned]],
    );
    counter('sluice_user_updates_total', 'Updates of users that were made.', [], ({ userUpdates }) => [
      [{}, userUpdates],
    ]);
    counter(
      'sluice_user_attributes_total',
      'Attributes in updates of users that were made. Updates of a user that go in one request become one.',
      [],
      ({ attributes }) => [[{}, attributes]],
    );
    counter(
      'sluice_user_attributes_accepted_total',
      'Attributes of users that Braze accepted, and bills.',
      [],
      ({ attributesAccepted }) => [[{}, attributesAccepted]],
    );
    counter(
      'sluice_user_attributes_confirmed_total',
      'Attributes that were not sent again after a crash, since Braze had them.',
      [],
      ({ attributesConfirmed }) => [[{}, attributesConfirmed]],
    );
    counter(
      'sluice_user_confirmations_failed_total',
      'How often Braze could not be asked what it has of users, so that it was sent again.',
      [],
      ({ confirmationsFailed }) => [[{}, confirmationsFailed]],
    );
    counter(
      'sluice_user_updates_suppressed_total',
      'Events about a user that changed nothing which is sent.',
      [],
      ({ usersUnchanged }) => [[{}, usersUnchanged]],
    );
    counter(
      'sluice_user_state_reads_total',
      "Users' states that were needed: at hand, or read from the bucket.",
      ['from'],
      (_, { states }) => [
        [{ from: 'cache' }, states?.hits ?? 0],
        [{ from: 'bucket' }, states?.misses ?? 0],
      ],
    );
    void new Gauge({
      name: 'sluice_expressions',
      help: 'Expressions of the sync: compiled, or left to the interpreter, which is slow.',
      labelNames: ['sync', 'mode'],
      registers,
      collect() {
        this.reset();
        for (const [sync, metrics] of syncs) {
          for (const [mode, count] of Object.entries(metrics.expressions)) this.set({ sync, mode }, count);
        }
      },
    });
    gauge('sluice_user_states_cached', "Users' states at hand.", ({ states }) => states?.size);
    gauge('sluice_events_in_flight', 'Events that are received and not settled.', ({ inFlight }) => inFlight);
    gauge('sluice_credits_free', 'How many more events may be received now.', ({ credits }) => credits?.free);
    gauge('sluice_consumer_pending', 'Messages that wait in the stream.', ({ pending }) => pending);
    gauge(
      'sluice_dead_letters_blocked',
      '1 while a dead letter of the sync cannot be stored, so that its message is not acked.',
      ({ lettersBlocked }) => (lettersBlocked ? 1 : 0),
    );
    gauge('sluice_sync_holding', '1 while the destination refuses every request.', ({ held }) =>
      held === null ? 0 : 1,
    );
    gauge('sluice_destination_unreachable', '1 while the destination gives no usable answer.', ({ outage }) =>
      outage === null ? 0 : 1,
    );
  }
}
