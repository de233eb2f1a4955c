import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../core/errors.ts';
import type { Environment } from '../settings.ts';

const execute = promisify(execFile);

/** The path of a program on the PATH, or null. */
export async function findProgram(name: string, path = ''): Promise<string | null> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    if (await isProgram(file)) return file;
  }
  return null;
}

/** The path of a program on the PATH. Throws when it is not there. */
export async function requireProgram(name: string, env: Environment): Promise<string> {
  const file = await findProgram(name, env['PATH']);
  if (file === null) throw new Error(`${name} is not on the PATH`);
  return file;
}

/** Whether this is a file that may be executed. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

export interface RunOptions {
  readonly env: Environment;
  readonly cwd?: string;
}

/** Runs a program to its end and answers with what it wrote to stdout. When it fails, the error holds its last words. */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<string> {
  try {
    return (await execute(program, args, { ...options, timeout: 600_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    throw new Error(lastWords(error), { cause: error });
  }
}

function lastWords(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said.split('\n').slice(-3).join(' ') || messageOf(error);
}
