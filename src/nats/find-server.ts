import { join } from 'node:path';
import { messageOf, UnreachableError, UsageError } from '../core/errors.ts';
import { copyEnvironment, readSettings, type Environment } from '../settings.ts';
import { cachedServer, fetchServer } from './fetch-server.ts';
import { findProgram } from './program.ts';
import { serverPackages } from './server-packages.ts';
import { serverVersion } from './server-version.ts';

export interface FindOptions {
  /** Holds `NATS_SERVER`, `SLUICE_CACHE` and `PATH`, and is what the programs run with that fetch a server. */
  readonly env?: Environment;
  /** Is told, in a sentence, of what takes long. */
  readonly onProgress?: (text: string) => void;
}

/**
 * The path of a nats-server program, 2.9 or newer: `NATS_SERVER`, else one on the PATH, else the one in the cache, else
 * one fetched into the cache. Needs no root and installs nothing outside of the cache.
 *
 * Throws a UsageError when `NATS_SERVER` is set and no good, and an UnreachableError that tells what was tried and what
 * to do when there is no other way.
 */
export async function findNatsServer(options: FindOptions = {}): Promise<string> {
  const { env = copyEnvironment(), onProgress = () => undefined } = options;
  const settings = readSettings(env);
  if (settings.natsServer !== undefined) return chosenServer(settings.natsServer);

  const cache = join(settings.cacheDir, 'nats-server');
  const ways: readonly (readonly [name: string, find: () => Promise<string>])[] = [
    ['on the PATH', () => installedServer(env)],
    ['in the cache', () => cachedServer(cache)],
    ...serverPackages.map((each) => [each.name, () => fetchServer(each, cache, env, onProgress)] as const),
  ];
  const failures: string[] = [];
  for (const [name, find] of ways) {
    try {
      return await find();
    } catch (error) {
      failures.push(`  ${name}: ${messageOf(error)}`);
    }
  }
  throw new UnreachableError(`There is no nats-server, and none could be fetched:\n${failures.join('\n')}\n${wayOut}`);
}

const wayOut =
  'Install nats-server 2.10 or newer (docs.nats.io/running-a-nats-service/introduction/installation), ' +
  'or set NATS_SERVER to the path of one, or set NATS_URL to one that runs.';

async function chosenServer(binary: string): Promise<string> {
  try {
    await serverVersion(binary);
    return binary;
  } catch (error) {
    const message = `NATS_SERVER: ${messageOf(error)}. Set it to the path of a nats-server program, or unset it.`;
    throw new UsageError(message, { cause: error });
  }
}

async function installedServer(env: Environment): Promise<string> {
  const binary = await findProgram('nats-server', env['PATH']);
  if (binary === null) throw new Error('none there');
  await serverVersion(binary);
  return binary;
}
