import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { markdownOf, type Report, textOf } from '../bench/report.ts';
import { withReports } from '../bench/results.ts';

const bench = join(import.meta.dirname, '../bench');

// Each starts processes, which a busy machine is slow at.
vi.setConfig({ testTimeout: 120_000 });

async function run(...args: readonly string[]) {
  const [file = '', ...rest] = args;
  return await promisify(execFile)(process.execPath, [join(bench, file), ...rest]);
}

test('a bench prints one JSON document whose rows fit its columns', async () => {
  const { stdout } = await run('batch.ts', '--quick', '--json', '--batch', '5,50');
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ bench: 'batch', quick: true, parameters: { batch: [5, 50], rounds: 3 } });
  expect(report.machine.node).toBe(process.versions.node);
  for (const { columns, rows } of report.tables) {
    expect(rows).toHaveLength(2);
    for (const { cells } of rows) expect(cells).toHaveLength(columns.length - 1);
  }
});

test('a bench explains its flags, and refuses one that it does not know', async () => {
  await expect(run('pipeline.ts', '--help')).resolves.toMatchObject({
    stdout: expect.stringMatching(/--pass-share .+--skew .+--concurrency .+--quick/s) as string,
  });
  for (const args of [
    ['--event', '5'],
    ['--events', 'many'],
    ['--events', '1,2'],
  ]) {
    await expect(run('pipeline.ts', ...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--help') as string,
    });
  }
});

test('a bench that is not there is refused with the names of those that are', async () => {
  const files = await readdir(bench);
  const failure: unknown = await run('run.ts', 'nothing').catch((error: unknown) => error);
  const names = / there are (.+)/.exec((failure as { stderr: string }).stderr)?.[1]?.split(', ') ?? [];
  expect(names).toContain('end-to-end');
  for (const name of names) expect(files).toContain(`${name}.ts`);
});

test('a report reads the same as text and as Markdown', () => {
  const report: Report = {
    bench: 'some',
    about: 'What something costs.',
    machine: { cpu: 'CPU', cores: 2, node: '26.0.0', v8: '14', natsServer: '2.12.0' },
    date: '2026-01-05T09:00:00.000Z',
    quick: false,
    parameters: { events: 1_000, 'send-users': false, million: true },
    tables: [
      {
        title: 'ns for each event',
        columns: ['what', 'CPU', 'ratio'],
        rows: [
          { name: 'a | b', cells: [{ median: 12.34, least: 9.876, most: 1_234.5 }, null] },
          { name: 'c', cells: [2_000, 'none'] },
        ],
      },
    ],
    reading: ['It is cheap.'],
  };
  expect(textOf(report)).toBe(`What something costs.

2 × CPU, Node 26.0.0, V8 14, nats-server 2.12.0
--events 1000 --million

ns for each event
what                 CPU  ratio
a | b  12.3 (9.88-1,235)
c                  2,000   none

It is cheap.`);
  expect(markdownOf(report)).toBe(`## some

What something costs.

It is cheap.

ns for each event:

| what | CPU | ratio |
| --- | --: | --: |
| a \\| b | 12.3 (9.88-1,235) |  |
| c | 2,000 | none |

\`node bench/some.ts --events 1000 --million\`; 2 × CPU, Node 26.0.0, V8 14, nats-server 2.12.0; 2026-01-05`);

  const page = '# Results\n\n## other\n\nOne.\n\n## some\n\nOld.\n\n## some\n\nOlder.\n\n## gone\n\nGone.\n';
  const sections = withReports(page, [report], ['some', 'never', 'other'])
    .split(/^(?=## )/m)
    .slice(1);
  expect(sections).toEqual([`${markdownOf(report)}\n\n`, '## other\n\nOne.\n']);
});
