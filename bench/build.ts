import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Programs that Node.js runs as they are. */
export interface Built extends AsyncDisposable {
  readonly engine: string;
  readonly floor: string;
}

const root = resolve(import.meta.dirname, '..');

/**
 * Translates the engine as a package or an image holds it, and the floor, and removes that again at the end. A process that strips
 * the types itself needs 25 MB and a third of a second for it, which is no part of what is measured.
 */
export async function build(): Promise<Built> {
  const cache = join(root, '.cache');
  await mkdir(cache, { recursive: true });
  // Within the checkout, where the dependencies are found.
  const outDir = await mkdtemp(join(cache, 'bench-'));
  const remove = () => rm(outDir, { recursive: true });
  try {
    const tsc = join(root, 'node_modules', '.bin', 'tsc');
    await promisify(execFile)(tsc, ['-p', join(root, 'bench', 'tsconfig.build.json'), '--outDir', outDir]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    engine: join(outDir, 'src', 'cli.js'),
    floor: join(outDir, 'bench', 'floor.js'),
    [Symbol.asyncDispose]: remove,
  };
}
