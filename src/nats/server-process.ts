import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, UnreachableError } from '../core/errors.ts';
import { readServerInfo } from './server-info.ts';
import type { Watchdog } from './watchdog.ts';

export interface LaunchOptions {
  readonly binary: string;
  /** Holds `nats-server.conf`, and gets `nats-server.log`. */
  readonly folder: string;
  /** The port and the name that the configuration gives to the server. */
  readonly port: number;
  readonly name: string;
  readonly watchdog: Watchdog;
}

/** A running nats-server. */
export interface ServerProcess {
  readonly pid: number;
  readonly version: string;
  /** Ends it and resolves when it is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Runs a nats-server and resolves when it takes connections. Throws an UnreachableError with the end of its log. */
export async function launchServer({ binary, folder, port, name, watchdog }: LaunchOptions): Promise<ServerProcess> {
  const child = spawnServer(binary, folder);
  const { pid } = child;
  if (pid === undefined) throw new UnreachableError(`${binary} could not be started: ${await failureOf(child)}`);
  watchdog.guard(pid);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      watchdog.release();
      resolve();
    });
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), gracePeriodMs);
    await exited;
    clearTimeout(late);
  };
  try {
    return { pid, version: await untilReady(child, port, name), end };
  } catch (error) {
    await end('SIGKILL');
    const log = join(folder, logFile);
    throw new UnreachableError(`${binary} ${messageOf(error)}. Its log, ${log}, ends with:\n${await tail(log)}`);
  }
}

const logFile = 'nats-server.log';
const gracePeriodMs = 5_000;
/** A server reads its whole store before it listens. */
const startUpMs = 30_000;

function spawnServer(binary: string, folder: string): ChildProcess {
  const log = openSync(join(folder, logFile), 'a');
  try {
    return spawn(binary, ['--config', join(folder, 'nats-server.conf')], {
      stdio: ['ignore', log, log],
      // It has no business with the secrets of this process.
      env: {},
      // In a session of its own, it does not get the Ctrl-C that is meant for this process, which has yet to drain.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function failureOf(child: ChildProcess): Promise<string> {
  const [error] = (await once(child, 'error')) as unknown[];
  return messageOf(error);
}

/** Resolves with the version. It asks for the name, since another server may have taken the port. */
async function untilReady(child: ChildProcess, port: number, name: string): Promise<string> {
  const deadline = Date.now() + startUpMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`ended with exit code ${child.exitCode} before it was ready`);
    if (child.signalCode !== null) throw new Error(`was ended by ${child.signalCode} before it was ready`);
    const info = await readServerInfo(port).catch(() => null);
    if (info?.server_name === name) return info.version;
    await delay(20);
  }
  throw new Error(`was not ready within ${startUpMs / 1000} s`);
}

async function tail(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-5).join('\n');
}
