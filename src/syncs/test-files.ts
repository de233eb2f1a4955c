import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';

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

/** The rule that a test file is about: `purchases.yaml` for `purchases.test.yaml`. Undefined if it is not there. */
export async function ruleOf(testFile: string): Promise<string | undefined> {
  const [rule] = await filesNamed(testFile.replace(testExtension, ''));
  return rule;
}

const pattern = '**/*.test.{yaml,yml,json}';
const testExtension = /\.test\.(ya?ml|json)$/;
const extensions = ['.yaml', '.yml', '.json'];

async function testsAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new UsageError(`${path} does not exist; name rules, their tests, or folders that hold them`);
  if (!found.isDirectory() && testExtension.test(path)) return [path];
  const tests = found.isDirectory() ? await testsIn(path) : await filesNamed(path.replace(/\.(ya?ml|json)$/, '.test'));
  if (tests.length > 0) return tests;
  throw new UsageError(`${path} has no tests; write them to a file such as purchases.test.yaml beside purchases.yaml`);
}

async function testsIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const name of glob(pattern, { cwd: folder })) files.push(join(folder, name));
  return files;
}

/** The files that have this name, without its extension. */
async function filesNamed(name: string): Promise<readonly string[]> {
  const files = extensions.map((extension) => name + extension);
  const found = await Promise.all(files.map(async (file) => await stat(file).catch(() => undefined)));
  return files.filter((_, index) => found[index]?.isFile());
}
