import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { findNatsServer } from './find-server.ts';
import { freePort } from './free-port.ts';
import { launchServer } from './server-process.ts';
import { startWatchdog } from './watchdog.ts';

export interface ServerOptions {
  /** Path of the nats-server program; the one that `findNatsServer` finds if not given. */
  readonly binary?: string;
  /** Where the streams are kept, also after the end. If not given, a temporary folder that is removed. */
  readonly storeDir?: string;
  /** On 127.0.0.1; a free one if not given. */
  readonly port?: number;
  /** The largest message. 8 MiB if not given, which an event of 1 MB fits into with room to spare. */
  readonly maxPayloadBytes?: number;
  /** More lines of nats-server configuration, such as who may connect. */
  readonly config?: string;
}

/** A nats-server with JetStream on this machine. It ends with this process, even if that is killed. */
export interface NatsServer extends AsyncDisposable {
  /** Stays the same over `restart`, as do the port and the store. */
  readonly url: string;
  readonly port: number;
  /** Holds the streams, `nats-server.conf` and `nats-server.log`. */
  readonly storeDir: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  readonly version: string;
  /** Ends the process as a crash would. `restart` brings it back. */
  kill(): Promise<void>;
  /** Starts the process again, after an orderly end of the one that runs, if any. */
  restart(): Promise<void>;
  /** Ends the process for good, and removes the store if it is temporary. */
  stop(): Promise<void>;
}

/** Starts a nats-server and resolves when it takes connections. Throws an UnreachableError when it does not start. */
export async function startNatsServer(options: ServerOptions = {}): Promise<NatsServer> {
  if (options.port !== undefined) return startAt(options.port, options);
  // Between looking and listening, another process may take a port that was free.
  for (let attempts = 1; ; attempts++) {
    try {
      return await startAt(await freePort(), options);
    } catch (error) {
      if (attempts === maxPorts || !messageOf(error).includes('address already in use')) throw error;
    }
  }
}

const maxPorts = 3;

async function startAt(port: number, options: ServerOptions): Promise<NatsServer> {
  const { binary = await findNatsServer() } = options;
  const storeDir = options.storeDir === undefined ? await temporaryFolder() : resolve(options.storeDir);
  const watchdog = startWatchdog(options.storeDir === undefined ? storeDir : null);
  const name = `sluice-${randomUUID()}`;
  const launch = () => launchServer({ binary, folder: storeDir, port, name, watchdog });
  try {
    await mkdir(storeDir, { recursive: true });
    await writeFile(join(storeDir, 'nats-server.conf'), configuration({ ...options, port, storeDir, name }));
    let server = await launch();
    let stopped = false;
    const stop = async () => {
      stopped = true;
      await server.end('SIGTERM');
      await watchdog.finish();
    };
    return {
      url: `nats://127.0.0.1:${port}`,
      port,
      storeDir,
      get pid() {
        return server.pid;
      },
      get version() {
        return server.version;
      },
      kill: () => server.end('SIGKILL'),
      async restart() {
        if (stopped) throw new Error('This nats-server was stopped for good; start another.');
        await server.end('SIGTERM');
        server = await launch();
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await watchdog.finish();
    throw error;
  }
}

const defaultMaxPayloadBytes = 8 * 1024 * 1024;

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sluice-nats-'));
}

function configuration(options: ServerOptions & { port: number; storeDir: string; name: string }): string {
  const { port, storeDir, name, maxPayloadBytes = defaultMaxPayloadBytes, config = '' } = options;
  return `server_name: ${JSON.stringify(name)}
listen: "127.0.0.1:${port}"
max_payload: ${maxPayloadBytes}
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
}
${config}
`;
}
