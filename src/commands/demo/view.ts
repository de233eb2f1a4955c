import type { Metrics } from '../../metrics.ts';
import type { SyncMetrics } from '../../sync-metrics.ts';

export interface ViewOptions {
  readonly metrics: Metrics;
  /** By what name their metrics go, and what they are called. */
  readonly syncs: readonly { readonly name: string; readonly label: string }[];
  readonly out: NodeJS.WriteStream;
}

const terminalEveryMs = 500;
const plainEveryMs = 5_000;
const columns = ['received', 'delivered', 'filtered', 'discarded', 'in flight', 'requests', 'per second'] as const;

/** Shows how the syncs are doing: a table that is drawn anew on a terminal, a line now and then elsewhere. */
export function showProgress({ metrics, syncs, out }: ViewOptions): { stop(): void } {
  const rates = new Rates();
  const rowsNow = (): Row[] => syncs.map(({ name, label }) => rowOf(label, metrics.of(name), rates));
  let drawn = 0;
  const draw = (): void => {
    const lines = table(rowsNow());
    if (drawn > 0) out.write(`\u001B[${drawn}A`);
    out.write(lines.map((line) => `\u001B[2K${line}\n`).join(''));
    drawn = lines.length;
  };
  const say = (): void => {
    for (const [sync, ...cells] of rowsNow()) {
      out.write(`${sync}: ${cells.map((cell, index) => `${cell} ${columns[index]}`).join(', ')}\n`);
    }
  };
  const timer = out.isTTY ? setInterval(draw, terminalEveryMs) : setInterval(say, plainEveryMs);
  return {
    stop() {
      clearInterval(timer);
      if (out.isTTY) draw();
    },
  };
}

type Row = readonly [sync: string, ...cells: string[]];

function rowOf(sync: string, one: SyncMetrics, rates: Rates): Row {
  const { received, filtered, requests } = one.counts;
  const cells = [
    received,
    one.delivered,
    filtered,
    one.discarded,
    one.inFlight,
    requests,
    rates.of(sync, one.delivered),
  ];
  return [sync, ...cells.map((cell) => cell.toLocaleString('en-US'))];
}

function table(rows: readonly Row[]): string[] {
  const all: readonly Row[] = [['sync', ...columns], ...rows];
  const widths = ['sync', ...columns].map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  '),
  );
}

/** How fast counts grow, from one reading to the next. */
class Rates {
  readonly #last = new Map<string, { readonly count: number; readonly at: number; readonly rate: number }>();

  of(name: string, count: number): number {
    const at = performance.now();
    const last = this.#last.get(name);
    const rate = last === undefined ? 0 : Math.round(((count - last.count) * 1_000) / (at - last.at));
    this.#last.set(name, { count, at, rate });
    return rate;
  }
}
