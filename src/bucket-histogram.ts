import { Histogram, type MetricValueWithName } from 'prom-client';

type Configuration = ConstructorParameters<typeof Histogram<'sync'>>[0] & { readonly buckets: number[] };

/** Counts values by the bucket that they fall into. */
export class Buckets {
  readonly bounds: readonly number[];
  /** One for each bound, and one for what lies above all of them. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = [...bounds.map(() => 0), 0];
  }

  observe(value: number): void {
    let bucket = 0;
    while (value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/**
 * A histogram by sync that is observed for each event. prom-client checks and hashes the labels of each observation, 0.3 µs;
 * here a sync holds its buckets, and they are turned into prom-client's values when somebody asks.
 */
export class BucketHistogram extends Histogram<'sync'> {
  readonly #configuration: Configuration;
  readonly #bounds: readonly number[];
  readonly #bySync = new Map<string, Buckets>();

  constructor(configuration: Configuration) {
    super(configuration);
    this.#configuration = configuration;
    this.#bounds = [...configuration.buckets];
  }

  /** The buckets of a sync; the same ones for the same name. */
  of(sync: string): Buckets {
    const buckets = this.#bySync.get(sync) ?? new Buckets(this.#bounds);
    this.#bySync.set(sync, buckets);
    return buckets;
  }

  /** What the registry reads, and `get`; the types of prom-client do not tell of it. */
  async getForPromString() {
    const { name, help } = this.#configuration;
    const values = [...this.#bySync].flatMap(([sync, buckets]) => this.#valuesOf(name, sync, buckets));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }

  #valuesOf(name: string, sync: string, { counts, sum }: Buckets): MetricValueWithName<'sync'>[] {
    let upTo = 0;
    const buckets = counts.map((count, bucket) => {
      upTo += count;
      const labels = { le: this.#bounds[bucket] ?? '+Inf', sync };
      return { metricName: `${name}_bucket`, labels, value: upTo };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { sync }, value: sum },
      { metricName: `${name}_count`, labels: { sync }, value: upTo },
    ];
  }
}
