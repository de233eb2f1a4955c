import { messageOf } from '../core/errors.ts';
import { isProgram, run } from './program.ts';

/** The oldest server that the NATS client can make named consumers on. */
const oldest = { major: 2, minor: 9 };

/** The version of a nats-server program, such as `2.12.15`. Throws when it is none, or too old to be used. */
export async function serverVersion(binary: string): Promise<string> {
  if (!(await isProgram(binary))) throw new Error(`${binary} is not a program`);
  const [version, major, minor] = await readVersion(binary);
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) {
    throw new Error(`${binary} is nats-server ${version}, and ${oldest.major}.${oldest.minor} or newer is needed`);
  }
  return version;
}

async function readVersion(binary: string): Promise<[version: string, major: number, minor: number]> {
  const said = await run(binary, ['--version'], { env: {} }).catch((error: unknown) => {
    throw new Error(`${binary} does not run: ${messageOf(error)}`, { cause: error });
  });
  const match = /^nats-server: v?((\d+)\.(\d+)\.\S+)/m.exec(said);
  if (match === null) throw new Error(`${binary} is not a nats-server: it calls itself "${said.trim()}"`);
  const [, version = '', major, minor] = match;
  return [version, Number(major), Number(minor)];
}
