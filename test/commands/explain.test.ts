import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const explain = (expression: string): Promise<{ readonly stdout: string }> =>
  run(process.execPath, ['src/cli.ts', 'explain', expression]);

test('a filter is shown as the JavaScript that it becomes', async () => {
  const { stdout } = await explain('event_type = "Purchase"');
  expect(stdout).toContain('// mode: compiled');
  expect(stdout).toContain('input.event_type');
});

test('it is said why a filter is interpreted, and what is odd about it', async () => {
  const { stdout } = await explain('items.%.* = "a"');
  expect(stdout).toContain('// mode: interpreted');
  expect(stdout).toContain('asks for a parent');
  expect(stdout).toContain('// warning at');
});

test('a filter that does not parse ends with exit code 1', async () => {
  await expect(explain('a =')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('S0207') });
});
