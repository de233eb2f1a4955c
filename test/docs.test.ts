import { execFile } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { pages, stalePages } from '../docs/pages.ts';
import { explanations } from '../src/profiles/reports.ts';
import { defaultPacing } from '../src/sinks/http/pacing.ts';
import { settingsTable } from '../src/settings.ts';
import { amplitudeFields, fields } from '../src/syncs/fields.ts';
import { ruleFolder } from './syncs/rule-folder.ts';

const root = join(import.meta.dirname, '..');

test('the generated pages say what the code says', async () => {
  expect(await stalePages(root), 'stale; run: npm run docs').toEqual([]);
  const run = promisify(execFile)(process.execPath, [join(root, 'docs/generate.ts'), '--check']);
  await expect(run).resolves.toMatchObject({ stderr: '' });
});

test('a page that is missing or that was changed is found', async () => {
  await using folder = await ruleFolder({});
  expect(await stalePages(folder.path)).toEqual([...pages.keys()]);
  for (const [path, text] of pages) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  expect(await stalePages(folder.path)).toEqual([]);
  await writeFile(join(folder.path, 'docs/rules.md'), 'changed by hand');
  expect(await stalePages(folder.path)).toEqual(['docs/rules.md']);
});

test('every field of a rule and every setting has a row', () => {
  const rows = (path: string) =>
    pages
      .get(path)
      ?.split('\n')
      .filter((line) => line.startsWith('| `')) ?? [];
  const firstCells = (path: string) => rows(path).map((row) => row.split('`')[1]);
  expect(firstCells('docs/rules.md')).toEqual([...fields, ...amplitudeFields].map(({ path }) => path));
  expect(firstCells('docs/settings.md')).toEqual(settingsTable.map(({ name }) => name));
});

test('each row of a table has as many cells as its head', () => {
  for (const path of ['docs/rules.md', 'docs/settings.md']) {
    const rows =
      pages
        .get(path)
        ?.split('\n')
        .filter((line) => line.startsWith('|')) ?? [];
    expect(new Set(rows.map((row) => row.split(/(?<!\\)\|/).length)).size).toBe(1);
  }
});

test('the page about users explains each reason why a value is cut or left out', async () => {
  const page = await readFile(join(root, 'docs/users.md'), 'utf8');
  const table = page.slice(page.indexOf('| `why`')).split('\n\n')[0] ?? '';
  const codes = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect(codes).toEqual(['why', ...Object.keys(explanations)]);
});

test('every test that the page about reliability names exists, and so does every page that it links to', async () => {
  const page = await readFile(join(root, 'docs/reliability.md'), 'utf8');
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(30);
  const missing: string[] = [];
  for (const link of new Set(links)) await access(join(root, 'docs', link)).catch(() => missing.push(link));
  expect(missing).toEqual([]);
});

test('each failure on the page about reliability is held by a test', async () => {
  const page = await readFile(join(root, 'docs/reliability.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (?!What fails|-)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row).toMatch(/\.test\.ts\).* *\|$/);
});

test('what the page about reliability says of times and numbers is what the code does', async () => {
  const page = await readFile(join(root, 'docs/reliability.md'), 'utf8');
  expect(page).toContain(`at up to ${defaultPacing.backoff.maxMs / 1_000} s; the sync is unready`);
  expect(page).toContain(`One request asks, at up to ${defaultPacing.holdMs / 1_000} s`);
});
