import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { rule, ruleFolder } from '../syncs/rule-folder.ts';

const cli = join(import.meta.dirname, '../../src/cli.ts');

/** Runs `sluice check` in a folder, as a script would. */
async function check(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const run = promisify(execFile)(process.execPath, [cli, 'check', ...args], { cwd, env });
  const ended = await run.catch((error: { code: number; stdout: string; stderr: string }) => error);
  return { code: 'code' in ended ? ended.code : 0, stdout: ended.stdout, stderr: ended.stderr };
}

const fine = rule('events: { select: ["*"] }');

test('rules without a fault give exit 0, nothing on stdout, and a summary that names what run will need', async () => {
  await using folder = await ruleFolder({ 'rules/a.yaml': fine });
  expect(await check(folder.path)).toEqual({
    code: 0,
    stdout: '',
    stderr: '1 rule, 0 errors, 0 warnings; to run them, set BRAZE_API_KEY\n',
  });
});

test('each problem of each file is a line of stdout, and the exit code is 1', async () => {
  await using folder = await ruleFolder({
    'rules/a.yaml': 'name: a\nname: b',
    'rules/team/b.yml': rule('batch: { maxObjects: 80 }\nx: 1'),
  });
  const { code, stdout, stderr } = await check(folder.path);
  expect(code).toBe(1);
  expect(stdout).toBe(
    [
      'rules/a.yaml:2:1: name: the key is written twice; leave one out',
      'rules/team/b.yml:4:22: batch.maxObjects: must be at most 75, and is 80',
      'rules/team/b.yml:5:1: x: unknown key `x`; the keys here are name, enabled, source, destination, identifier, events, users, batch, delivery',
      '',
    ].join('\n'),
  );
  expect(stderr).toMatch(/^2 rules, 3 errors, 0 warnings/);
});

test('what a sync reads is told where its subjects tell the event type', async () => {
  const source = 'source: { subjects: "events.*.{type}" }';
  await using folder = await ruleFolder({
    'rules/a.yaml': rule(`events: { select: [Purchase, Song Played] }\n${source}`),
    'rules/b.yaml': rule(`events: { select: ["*"] }\n${source}`, 'b'),
  });
  const { code, stdout, stderr } = await check(folder.path);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr.split('\n').slice(0, 2)).toEqual([
    'rules/a.yaml: source.subjects: reads events.*.Purchase, events.*.Song%20Played, events.*.%',
    'rules/b.yaml: source.subjects: reads events.*.*, since all events are selected',
  ]);
});

test.for(['events.x{type}', 'events.{type}.{type}', 'events.{kind}', 'events.{type}y'])(
  'the subject %s says no event type as a word of its own',
  async (subjects) => {
    await using folder = await ruleFolder({
      'rules/a.yaml': rule(`events: { select: [a] }\nsource: { subjects: "${subjects}" }`),
    });
    const { code, stdout } = await check(folder.path);
    expect(code).toBe(1);
    expect(stdout).toContain(`source.subjects: "${subjects}" is no subject; {type} is one word of it`);
  },
);

test('a warning is told on stderr and is no failure', async () => {
  await using folder = await ruleFolder({ 'rules/a.yaml': rule('') });
  const { code, stdout, stderr } = await check(folder.path);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/^rules\/a\.yaml:1:1: enabled: warning: neither events nor users are sent/);
});

test('as JSON, each problem is an object, warnings too', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule('x: 1'), 'b.yaml': rule('', 'b') });
  const { code, stdout } = await check(folder.path, ['--json', '.']);
  expect(code).toBe(1);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { file: 'a.yaml', line: 4, col: 1, path: 'x', message: expect.any(String), severity: 'error' },
    { file: 'b.yaml', line: 1, col: 1, path: 'enabled', message: expect.any(String), severity: 'warning' },
  ]);
});

test('only what is named is checked', async () => {
  await using folder = await ruleFolder({
    'rules/a.yaml': 'x: 1',
    'rules/b.yaml': fine,
    'rules/b.test.yaml': 'tests: []',
    'more/c.yaml': rule('', 'c'),
  });
  expect(await check(folder.path, ['rules/b.yaml', 'rules/b.test.yaml', 'more'])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/2 rules, 0 errors, 1 warning/),
  });
});

test('the folder of the settings is checked if no path is named', async () => {
  await using folder = await ruleFolder({ 'elsewhere/a.yaml': 'x: 1' });
  const { stdout } = await check(folder.path, [], { SLUICE_RULES: 'elsewhere' });
  expect(stdout).toMatch(/^elsewhere\/a\.yaml:1:1: /);
});

test.for([['none.yaml'], ['notes.txt'], ['empty'], ['--nope'], []])('%j is a usage error: exit 2', async (args) => {
  await using folder = await ruleFolder({ 'notes.txt': '', 'empty/readme.md': '' });
  const { code, stdout, stderr } = await check(folder.path, args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).not.toBe('');
});

test('variables that are set are checked, and never printed', async () => {
  await using folder = await ruleFolder({ 'a.yaml': rule('events: { select: ["*"], filter: "a ${F} b" }') });
  const { code, stdout, stderr } = await check(folder.path, ['a.yaml'], { BRAZE_API_KEY: 'open sesame', F: 'sesame' });
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^a\.yaml:2:54: destination\.apiKey: .*\na\.yaml:4:34: events\.filter: "a \$\{F\} b" is not JSONata/,
  );
  expect(stdout + stderr).not.toContain('sesame');
});

test('colour is for terminals, and for who forces it', async () => {
  await using folder = await ruleFolder({ 'a.yaml': 'x: 1' });
  const plain = await check(folder.path, ['a.yaml']);
  const forced = await check(folder.path, ['a.yaml'], { FORCE_COLOR: '1' });
  expect(plain.stdout).toBe(stripVTControlCharacters(plain.stdout));
  expect(forced.stdout).not.toBe(plain.stdout);
  expect(stripVTControlCharacters(forced.stdout)).toBe(plain.stdout);
});

test('an expression that was hardly meant so is a warning with its place and the way out, and no error', async () => {
  const rows = 'events:\n  select:\n    - event: A\n      where: user_id != null\n  filter: $eval("true")';
  await using folder = await ruleFolder({ 'rules/a.yaml': rule(rows) });
  const { code, stdout, stderr } = await check(folder.path);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(/a\.yaml:7:\d+: events\.select\[0\]\.where: warning: != null is false.*\$exists/);
  expect(stderr).toMatch(/a\.yaml:8:11: events\.filter: warning: .*interpreted.*\$eval/);
});
