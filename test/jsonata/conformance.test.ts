import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { isRecord } from '../../src/core/event.ts';
import { compile, readsOf } from '../../src/jsonata/index.ts';
import { outcomesOf, reducedTo } from './reduced.ts';
import { compare } from './reference.ts';

/** The conformance cases of JSONata 2.2.2, which are kept beside the project. */
const folder = new URL('../../../shared/jsonata-suite/', import.meta.url);

interface Case {
  readonly id: string;
  readonly expr: string;
  readonly data?: unknown;
  readonly dataset?: string | null;
  readonly bindings?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly unordered?: boolean;
  readonly code?: string;
  readonly timelimit?: number;
}

const present = existsSync(folder);
if (!present) console.log(`the conformance cases are not there, and are skipped: ${folder.pathname}`);

describe.skipIf(!present)('the conformance cases', () => {
  let datasets: Readonly<Record<string, unknown>> = {};
  let cases: readonly Case[] = [];

  // Not where they are skipped: what stands in `describe` itself is run even then.
  beforeAll(() => {
    datasets = JSON.parse(read('datasets.json')) as Readonly<Record<string, unknown>>;
    cases = read('cases.ndjson')
      .split('\n')
      .map((line) => JSON.parse(line) as Case);
  });

  const inputOf = ({ data, dataset }: Pick<Case, 'data' | 'dataset'>): unknown =>
    data === undefined && dataset ? datasets[dataset] : data;

  test('every case has the result of the reference, and most are compiled', async () => {
    const counts = { compiled: 0, interpreted: 0, refused: 0 };
    const differing: string[] = [];
    for (const { id, expr, bindings, unordered, code, timelimit, ...given } of cases) {
      const input = inputOf(given);
      // Their limits are those of the runner of the suite, and the reference has none by itself.
      if (timelimit !== undefined && code === 'U1001') continue;
      const { verdict, mode, expected, actual } = await compare(expr, input, bindings, {});
      counts[mode]++;
      if (verdict !== 'agree' && unordered !== true) differing.push(`${id}: ${JSON.stringify({ expected, actual })}`);
    }
    console.log(
      `conformance: ${counts.compiled} compiled, ${counts.interpreted} interpreted, ${counts.refused} do not parse`,
    );
    expect(differing).toEqual([]);
    expect(counts.compiled / (counts.compiled + counts.interpreted)).toBeGreaterThan(0.92);
  });

  test('a case whose expression reads some fields has the same result over these alone', () => {
    let reduced = 0;
    for (const { id, expr, bindings, code, unordered, timelimit, ...given } of cases) {
      const input = inputOf(given);
      if (timelimit !== undefined || unordered === true || !isRecord(input)) continue;
      const paths = code?.startsWith('S') === true ? undefined : readsOf(expr);
      if (paths === undefined) continue;
      reduced++;
      expect([id, outcomesOf(expr, reducedTo(paths, input), bindings)]).toEqual([
        id,
        outcomesOf(expr, input, bindings),
      ]);
    }
    expect(reduced).toBeGreaterThan(200);
  });

  test('recursion without an end is stopped', async () => {
    for (const { expr, code } of cases.filter((one) => one.code === 'U1001' && !one.expr.includes('factorial'))) {
      expect(code).toBe('U1001');
      expect(await compile(expr).test({})).toEqual({ code: expect.stringMatching(/^D101[12]$/) });
    }
  });
});

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8').trim();
}
