import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UnreachableError, UsageError } from '../../src/core/errors.ts';
import { findNatsServer } from '../../src/nats/find-server.ts';

let folder: string;
let bin: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-find-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  env = { PATH: bin, SLUICE_CACHE: join(folder, 'cache') };
});

afterEach(async () => rm(folder, { recursive: true }));

/** Puts a program on the PATH. It stands in for one of the system, which these tests must not depend on. */
async function install(name: string, script: string, where = bin): Promise<string> {
  const file = join(where, name);
  await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

const serverScript = (version: string) => `echo "nats-server: v${version}"`;

/** Shell lines that write a nats-server. */
const writeServer = (file: string, version: string) =>
  `printf '#!/bin/sh\\n%s\\n' '${serverScript(version)}' > "${file}" && chmod +x "${file}"`;

test('NATS_SERVER is used before anything else', async () => {
  await install('nats-server', serverScript('2.12.0'));
  const chosen = await install('my-nats', serverScript('2.10.0'));
  expect(await findNatsServer({ env: { ...env, NATS_SERVER: chosen } })).toBe(chosen);
});

test('a NATS_SERVER that is not there is an error, though another server could be found', async () => {
  await install('nats-server', serverScript('2.12.0'));
  const finding = findNatsServer({ env: { ...env, NATS_SERVER: '/nowhere/nats-server' } });
  await expect(finding).rejects.toThrow(UsageError);
  await expect(finding).rejects.toThrow('NATS_SERVER: /nowhere/nats-server is not a program');
});

test('a NATS_SERVER that is another program is an error', async () => {
  const other = await install('other', 'echo "redis 7"');
  await expect(findNatsServer({ env: { ...env, NATS_SERVER: other } })).rejects.toThrow('it calls itself "redis 7"');
});

test('a server on the PATH is used', async () => {
  const installed = await install('nats-server', serverScript('2.9.10'));
  expect(await findNatsServer({ env })).toBe(installed);
});

test('a server on the PATH that is too old is passed over for one that is built', async () => {
  await install('nats-server', serverScript('2.8.4'));
  await install('go', writeServer('$GOBIN/nats-server', '2.12.15'));
  expect(await findNatsServer({ env })).toContain(env['SLUICE_CACHE']);
});

test('a server is built with Go once and then found in the cache', async () => {
  const go = await install('go', writeServer('$GOBIN/nats-server', '2.12.15'));
  const told: string[] = [];
  const built = await findNatsServer({ env, onProgress: (text) => told.push(text) });
  await rm(go);
  expect(await findNatsServer({ env, onProgress: (text) => told.push(text) })).toBe(built);
  expect(told).toEqual([expect.stringContaining('Building nats-server')]);
});

test('many that fetch at once share one server and leave nothing else behind', async () => {
  await install('go', writeServer('$GOBIN/nats-server', '2.12.15'));
  const found = await Promise.all(Array.from({ length: 8 }, () => findNatsServer({ env })));
  expect(new Set(found).size).toBe(1);
  expect(await readdir(join(folder, 'cache', 'nats-server'))).toHaveLength(1);
});

test('a server in the cache that does not run is replaced', async () => {
  await install('go', writeServer('$GOBIN/nats-server', '2.12.15'));
  const built = await findNatsServer({ env });
  await writeFile(built, 'torn');
  expect(await findNatsServer({ env })).toBe(built);
  expect(await findNatsServer({ env: { ...env, NATS_SERVER: built } })).toBe(built);
});

test("without Go the system's package is unpacked, with own package lists when the system has none", async () => {
  await install(
    'apt-get',
    `case "$*" in *Dir::State*update) [ -d state/lists/partial ] && touch lists;; *download*) [ -e lists ] && touch nats.deb;; esac`,
  );
  await install('dpkg-deb', `mkdir -p "$3/usr/sbin" && ${writeServer('$3/usr/sbin/nats-server', '2.9.10')}`);
  const found = await findNatsServer({ env });
  expect(found).toContain('debian');
  expect(await readdir(join(found, '..'))).toEqual(['nats-server']);
});

test('without either a Homebrew bottle is unpacked', async () => {
  const release = join(folder, 'nats-server', '2.12.0', 'bin');
  await mkdir(release, { recursive: true });
  await install('nats-server', serverScript('2.12.0'), release);
  await install(
    'brew',
    `[ "$1" = fetch ] || (tar -czf "${folder}/bottle.tgz" -C "${folder}" nats-server && echo "${folder}/bottle.tgz")`,
  );
  await install('tar', 'exec tar "$@"');
  expect(await findNatsServer({ env })).toContain('homebrew');
});

test('when nothing helps, the error tells each failure and what to do', async () => {
  await install('go', 'echo "go: no such host" >&2; exit 1');
  const finding = findNatsServer({ env });
  await expect(finding).rejects.toThrow(UnreachableError);
  await expect(finding).rejects.toThrow(
    /on the PATH: none there\n.*in the cache: none in .*\n.*go install: go: no such host\n.*apt-get is not.*\n.*brew is not.*\nInstall nats-server/,
  );
  expect(await readdir(join(folder, 'cache', 'nats-server'))).toEqual([]);
});
