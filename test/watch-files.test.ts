import { appendFile, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchFiles, type WatchOptions } from '../src/watch-files.ts';

let folder: string;
let file: string;
let changes: number;
let watching: { unsubscribe(): void } | undefined;

/** So long that the system has to tell. */
const told: WatchOptions = { settleMs: 10, pollMs: 600_000 };

const patience = { timeout: 10_000, interval: 5 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-watch-'));
  file = join(folder, 'a.yaml');
  changes = 0;
  await writeFile(file, 'one');
});

afterEach(async () => {
  watching?.unsubscribe();
  await rm(folder, { recursive: true });
});

/** Watches, and resolves when the files have been looked at for the first time. */
async function watchFor(folders: readonly string[], options: WatchOptions): Promise<void> {
  watching = watchFiles(() => Promise.resolve({ folders, files: [file] }), options).subscribe(() => changes++);
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(1), patience);
}

test('a file that is written is a change', async () => {
  await watchFor([folder], told);
  await appendFile(file, ' and more');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
});

test('a file that is replaced by another is a change, each time', async () => {
  await watchFor([folder], told);
  for (const time of [2, 3, 4]) {
    await writeFile(`${file}~`, 'two');
    await rename(`${file}~`, file);
    await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(time), patience);
  }
});

test('a file that is moved away and written anew, as some editors do, is a change', async () => {
  await watchFor([folder], told);
  await rename(file, `${file}.bak`);
  await writeFile(file, 'two');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
});

test('a file that is removed, and one that comes back, are changes', async () => {
  await watchFor([folder], told);
  await unlink(file);
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
  await writeFile(file, 'one');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(3), patience);
});

test('a link that points elsewhere, as Kubernetes swaps a ConfigMap, is a change', async () => {
  await unlink(file);
  await writeFile(join(folder, 'data-1'), 'one');
  await writeFile(join(folder, 'data-2'), 'two');
  await symlink('data-1', join(folder, '..data'));
  await symlink('..data', file);
  await watchFor([folder], told);
  await symlink('data-2', join(folder, '..data-new'));
  await rename(join(folder, '..data-new'), join(folder, '..data'));
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
});

test('where the system tells nothing, changes are found by looking', async () => {
  await watchFor([], { pollMs: 20 });
  await appendFile(file, ' and more');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
});

test('a folder that cannot be watched does no harm', async () => {
  await watchFor([join(folder, 'gone'), folder], told);
  await appendFile(file, ' and more');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
});

test('other files in the folder are no change', async () => {
  await watchFor([folder], told);
  await writeFile(join(folder, 'notes.txt'), 'x');
  await appendFile(file, ' and more');
  await vi.waitFor(() => expect(changes).toBeGreaterThanOrEqual(2), patience);
  expect(changes).toBe(2);
});
