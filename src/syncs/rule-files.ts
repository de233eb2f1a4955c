import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';

/**
 * The rule files under the given paths, in the order of their names. A folder stands for all rule files in it and
 * below; names that begin with a dot are passed over, and so are tests of rules (`*.test.yaml`) and JSON schemas.
 *
 * Throws a UsageError for a path that does not exist, or that is a file of another kind.
 */
export async function findRuleFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(rulesAt));
  return [...new Set(found.flat())].sort();
}

const extension = /\.(ya?ml|json)$/;
const besideRules = /\.(test\.ya?ml|test\.json|schema\.json)$/;

async function rulesAt(path: string): Promise<readonly string[]> {
  const kind = await kindOf(path);
  if (kind === 'folder') return await rulesIn(path);
  if (kind === undefined)
    throw new UsageError(`${path} does not exist, or cannot be read; name rule files, or folders that hold them`);
  if (!extension.test(path)) throw new UsageError(`${path} is no rule file; those end in .yaml, .yml or .json`);
  return besideRules.test(path) ? [] : [path];
}

async function rulesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        // A link to a file is followed (Kubernetes mounts a ConfigMap so), a link to a folder never: it may lead back.
        if (entry.isDirectory()) return await rulesIn(path);
        const isRule = extension.test(path) && !besideRules.test(path) && (await kindOf(path)) !== 'folder';
        return isRule ? [path] : [];
      }),
  );
  return found.flat();
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
