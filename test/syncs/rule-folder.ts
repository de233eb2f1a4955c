import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Environment } from '../../src/syncs/interpolate.ts';
import { type Loaded, loadSyncs } from '../../src/syncs/load.ts';
import { formatProblem } from '../../src/syncs/problems.ts';
import type { RuleOptions } from '../../src/syncs/rule.ts';

export const env: Environment = { BRAZE_API_KEY: 'f3c1-key', BRAZE_APP_ID: 'app-1' };

/** A folder that holds these files until it is disposed of. */
export async function ruleFolder(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'sluice-rules-'));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return folder;
}

/** What loading these files gives, with their paths as they are in the folder. */
export async function load(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<RuleOptions> = {},
): Promise<Loaded & { readonly lines: readonly string[] }> {
  await using folder = await ruleFolder(files);
  const loaded = await loadSyncs(folder.path, { env, ...options });
  const nameOf = (path: string) => relative(folder.path, path);
  const problems = loaded.problems.map((problem) => ({ ...problem, file: nameOf(problem.file) }));
  const lines = problems.map((problem) => formatProblem(problem).replaceAll(`${folder.path}/`, ''));
  return { ...loaded, problems, lines, files: loaded.files.map(nameOf) };
}

/** A rule with the given last lines, and nothing wrong in the lines before: they begin on line 4. */
export function rule(rest: string, name = 'purchases'): string {
  return `name: ${name}\ndestination: { type: braze, endpoint: US-01, apiKey: "\${BRAZE_API_KEY}" }\n#\n${rest}`;
}
