/** The gateway as a process of its own, for the benches that measure it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface GatewayProcess {
  readonly url: string;
  readonly pid: number;
  /** Ends it in good order. */
  stop(): Promise<void>;
}

/** Starts the translated `engine` as a gateway that takes the key `bench` into a stream; `env` adds settings. */
export async function startGatewayProcess(
  engine: string,
  natsUrl: string,
  stream: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [engine, 'gateway'], {
    env: {
      ...process.env,
      NATS_URL: natsUrl,
      SLUICE_HTTP_PORT: '0',
      SLUICE_GATEWAY_PORT: '0',
      SLUICE_GATEWAY_KEYS: `bench=${stream}`,
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const url = await urlOf(child);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function urlOf(child: ChildProcessByStdio<null, null, Readable>): Promise<string> {
  let log = '';
  return await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const url = /"gateway":"([^"]+)"/.exec(log)?.[1];
      if (url !== undefined && log.includes('Health and metrics')) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the gateway does not start: ${log}`)));
  });
}
