/** What a process uses at a moment. */
export interface Sample {
  /** Since it began. */
  readonly ms: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Open handles, requests and timers, by kind, as Node counts what keeps it alive. */
  readonly resources: Readonly<Record<string, number>>;
  readonly received: number;
  readonly delivered: number;
  readonly inFlight: number;
}

/** One reading, in the second fifth of the time, when all is warm, and in the last. */
export interface Trend {
  readonly reading: string;
  readonly early: number;
  readonly late: number;
  /** How much `late` may be. */
  readonly most: number;
}

const roomForMemory = 1.1;
const roomForBytes = 16e6;
/** As many requests may be under way in one moment as in another. */
const roomForResources = 24;

/**
 * Medians, so that a moment of trouble says nothing. What is resident swings by 50 MB with the collections of the old
 * generation, so that a median says which of them a window met; of it what nine in ten samples stay below is compared.
 */
export function trendsOf(samples: readonly Sample[]): readonly Trend[] {
  const fifth = Math.floor(samples.length / 5);
  const early = samples.slice(fifth, 2 * fifth);
  const late = samples.slice(-fifth);
  const kinds = [...new Set(samples.flatMap(({ resources }) => Object.keys(resources)))].sort();
  const trend = (
    reading: string,
    read: (sample: Sample) => number,
    most: (early: number) => number,
    share = 0.5,
  ): Trend => {
    const before = quantile(early.map(read), share);
    return { reading, early: before, late: quantile(late.map(read), share), most: most(before) };
  };
  const bytes = (before: number): number => before * roomForMemory + roomForBytes;
  return [
    trend('RSS, bytes', ({ rssBytes }) => rssBytes, bytes, 0.9),
    trend('heap after collection, bytes', ({ heapBytes }) => heapBytes, bytes),
    ...kinds.map((kind) =>
      trend(
        kind,
        ({ resources }) => resources[kind] ?? 0,
        (before) => before + roomForResources,
      ),
    ),
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
