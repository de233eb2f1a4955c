import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { testExtension } from './test-file.ts';

/**
 * The test files under the given paths, in the order of their names. A folder stands for all test files in it and
 * below, and a rule file for the tests beside it.
 *
 * Throws a UsageError for a path that does not exist or that has no tests.
 */
export async function findTestFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(testsAt));
  return [...new Set(found.flat())].sort();
}

const pattern = '**/*.test.{yaml,yml,json}';

async function testsAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new UsageError(`${path} does not exist; name rules, their tests, or folders that hold them`);
  if (!found.isDirectory() && testExtension.test(path)) return [path];
  const tests = found.isDirectory() ? await testsIn(path) : await testsBeside(path);
  if (tests.length === 0)
    throw new UsageError(
      `${path} has no tests; write them to a file such as purchases.test.yaml beside purchases.yaml`,
    );
  return tests;
}

async function testsIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const name of glob(pattern, { cwd: folder })) files.push(join(folder, name));
  return files;
}

async function testsBeside(rule: string): Promise<readonly string[]> {
  const name = rule.replace(/\.(ya?ml|json)$/, '');
  const candidates = ['.yaml', '.yml', '.json'].map((extension) => `${name}.test${extension}`);
  const found = await Promise.all(candidates.map(async (file) => await stat(file).catch(() => undefined)));
  return candidates.filter((_, index) => found[index]?.isFile());
}
