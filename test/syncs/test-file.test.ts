import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTestFile } from '../../src/syncs/test-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-test-file-'));
  file = join(folder, 'songs.test.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a test file names its rule, its variables and its tests', async () => {
  await writeFile(join(folder, 'songs.yml'), 'name: songs');
  await writeFile(
    file,
    'env: { LABEL: device }\ntests: [{ name: a song is sent, messages: ["{}", [], { events: [] }], outcomes: [filtered] }]',
  );
  expect(await readTestFile(file)).toEqual({
    file,
    rule: join(folder, 'songs.yml'),
    env: { BRAZE_API_KEY: 'test-key', BRAZE_APP_ID: 'test-app', AMPLITUDE_API_KEY: 'test-key', LABEL: 'device' },
    tests: [{ name: 'a song is sent', messages: ['{}', [], { events: [] }], outcomes: ['filtered'] }],
  });
});

test.each([
  ['tests: []', /songs\.test\.yaml:1:8: tests: holds no test/],
  ['tests:\n  - name: " "\n    messages: [{}]\n    outcomes: []', /:2:11: tests\[0\]\.name: is blank/],
  ['tests:\n  - name: a\n    messages: []\n    outcomes: []', /:3:15: tests\[0\]\.messages: holds no message/],
  ['tests:\n  - name: a\n    messages: [{}]', /:2:5: tests\[0\]: expects nothing; add `requests`, `outcomes` or both/],
  [
    'tests:\n  - name: a\n    messages: [{}]\n    outcomes: [lost]',
    /:4:16: tests\[0\]\.outcomes\[0\]: takes delivered, filtered/,
  ],
  ['tests:\n  - nam: a\n    messages: [{}]\n    outcomes: []', /tests\[0\]: .*"nam"/],
  ['tests: [', /songs\.test\.yaml:\d+:\d+: /],
])('%j is refused with the place of what is wrong', async (text, message) => {
  await writeFile(join(folder, 'songs.yaml'), 'name: songs');
  await writeFile(file, text);
  await expect(readTestFile(file)).rejects.toThrow(message);
});

test('a test file without a rule beside it is refused', async () => {
  await writeFile(file, 'tests: [{ name: a, messages: [{}], outcomes: [] }]');
  await expect(readTestFile(file)).rejects.toThrow(/songs\.test\.yaml has no rule beside it/);
});

test('a test file that is not there is refused', async () => {
  await expect(readTestFile(file)).rejects.toThrow(/songs\.test\.yaml does not exist/);
});
