import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../settings.ts';
import { serverPackages, type ServerPackage } from './server-packages.ts';
import { serverVersion } from './server-version.ts';

/** The path of a server that was fetched earlier. Throws when there is none that works. */
export async function cachedServer(cache: string): Promise<string> {
  for (const each of serverPackages) {
    const binary = binaryIn(cache, each);
    if (await works(binary)) return binary;
  }
  throw new Error(`none in ${cache}`);
}

/**
 * Fetches a server into the cache and gives its path. It is put together in a folder of its own that then takes its
 * place in one step, so any number of processes may do this at once: the first to finish wins, and the others use its.
 */
export async function fetchServer(
  source: ServerPackage,
  cache: string,
  env: Environment,
  onProgress: (text: string) => void,
): Promise<string> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    await source.fetch(draft, env, onProgress);
    await serverVersion(join(draft, program));
    return await publish(draft, binaryIn(cache, source), folderIn(cache, source));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const program = 'nats-server';

/** The machine is part of the name, since a checkout may be shared with a container of another kind. */
function folderIn(cache: string, { folder }: ServerPackage): string {
  return join(cache, `${folder}-${process.platform}-${process.arch}`);
}

function binaryIn(cache: string, source: ServerPackage): string {
  return join(folderIn(cache, source), program);
}

async function publish(draft: string, binary: string, folder: string): Promise<string> {
  try {
    // A folder that holds something is never replaced by a rename.
    await rename(draft, folder);
  } catch (error) {
    if (await works(binary)) return binary;
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder).catch(() => {
      throw error;
    });
  }
  return binary;
}

async function works(binary: string): Promise<boolean> {
  return serverVersion(binary).then(
    () => true,
    () => false,
  );
}
