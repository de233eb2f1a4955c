/** What the benches of parts share: measuring by turns, and saying where it was measured. */
import { cpus } from 'node:os';

/** One contender: `run` does its work `times` times over and returns something that depends on it. */
export interface Contender {
  readonly name: string;
  readonly run: (times: number) => unknown;
}

export interface Measured {
  readonly name: string;
  /** CPU for each unit of work, in nanoseconds unless the bench says otherwise: the median, and the spread. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Effort {
  readonly rounds: number;
  /** How long one sample runs, in milliseconds of CPU. */
  readonly sampleMs: number;
  /** Told at the start of each round. */
  readonly onRound?: (round: number) => void;
}

/** The flags of a bench of parts, as `openBench` takes them. */
export const effortFlags = {
  rounds: { default: 11, quick: 3, help: 'how many rounds' },
  'sample-ms': { default: 25, quick: 8, help: 'how long one sample runs, in milliseconds of CPU' },
};

/**
 * Measures contenders by turns, so that a change of the machine's speed meets them all, in CPU time of the process, so
 * that other processes count less. `units` is how many units of work one time holds.
 */
export async function measure(
  contenders: readonly Contender[],
  units: number,
  { rounds, sampleMs, onRound }: Effort,
): Promise<readonly Measured[]> {
  const times = [];
  for (const { run } of contenders) {
    await cpuMs(run, 1);
    const once = await cpuMs(run, 1);
    // Twice: what was not optimised yet looks slower than it is.
    const guess = Math.max(1, Math.ceil(sampleMs / Math.max(once, 0.001) / 4));
    times.push(Math.max(1, Math.round((guess * sampleMs) / Math.max(await cpuMs(run, guess), 0.001))));
  }
  const samples: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    onRound?.(round);
    for (const [i, { run }] of contenders.entries()) {
      const count = times[i] ?? 1;
      samples[i]?.push(((await cpuMs(run, count)) * 1e6) / count / units);
    }
  }
  return contenders.map(({ name }, i) => summarise(name, samples[i] ?? []));
}

/** The median of samples, the upper of two in the middle, and their spread. */
export function summarise(name: string, samples: readonly number[]): Measured {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    name,
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
  };
}

/** Results go here, so that no work can be left out. */
export const consumed = { last: undefined as unknown };

async function cpuMs(run: (times: number) => unknown, times: number): Promise<number> {
  const before = process.cpuUsage();
  consumed.last = await run(times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The machine and the versions, for the head of a report. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly v8: string;
  /** If the bench uses one. */
  readonly natsServer?: string;
}

export function machine(): Machine {
  const all = cpus();
  const { node, v8 } = process.versions;
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, node, v8 };
}
