/** What the benchmarks of the whole way share: a nats-server with a filled stream, a bare sink, and the engine, each a process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { createStream, type Stream } from '../src/nats/stream.ts';

export interface RigOptions {
  readonly events: number;
  /** How many events a message of the stream `PACKED` holds; without it there is no such stream. */
  readonly eventsPerMessage?: number | undefined;
  readonly users?: number;
  /** How long the sink waits before it answers. */
  readonly latencyMs: number;
}

export interface Rig extends AsyncDisposable {
  readonly machine: string;
  readonly bytesPerEvent: number;
  /** Starts the engine over a stream, under a sync of this name. */
  engine(stream: StreamName, name: string, args: readonly string[], sendUsers?: boolean): Promise<Engine>;
  /** Starts the hand-written loop over a stream, with a consumer of this name. */
  floor(stream: StreamName, name: string): Engine;
}

/** One event a message, many a message, and none at all: what a start costs. */
export type StreamName = 'EVENTS' | 'PACKED' | 'EMPTY';

export type Engine = ChildProcessByStdio<null, Readable, null>;

export async function startRig({ events, eventsPerMessage, users = 10_000, latencyMs }: RigOptions): Promise<Rig> {
  const resources = new AsyncDisposableStack();
  const nats = resources.use(await startNatsServer());
  const connection = await connectNats({ urls: [nats.url] });
  resources.defer(() => connection.close());
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  resources.defer(() => rm(folder, { recursive: true }));

  const script = join(import.meta.dirname, 'bare-sink.ts');
  const sink = spawn(process.execPath, [script, '--latency', String(latencyMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  resources.defer(() => void sink.stdin.end());
  const [port] = (await once(sink.stdout, 'data')) as [Buffer];
  const endpoint = `http://127.0.0.1:${port.toString().trim()}`;

  await createStream(connection, 'EMPTY', ['empty.>']);
  const bytes = await fill(await createStream(connection, 'EVENTS', ['events.>']), '', events, 1, users);
  if (eventsPerMessage !== undefined) {
    await fill(await createStream(connection, 'PACKED', ['packed.>']), 'packed.', events, eventsPerMessage, users);
  }
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, nats-server ${nats.version}`,
    bytesPerEvent: Math.round(bytes / events),
    async engine(stream, name, args, sendUsers = false) {
      const rules = join(folder, `${name}.yaml`);
      await writeFile(rules, ruleOf(stream, name, endpoint) + (sendUsers ? sendUsersBlock : ''));
      return spawn(process.execPath, ['src/cli.ts', 'run', '--rules', rules, ...args], {
        env: { ...process.env, NATS_URL: nats.url, SLUICE_HTTP_PORT: '0', LOG_LEVEL: 'error' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    },
    floor(stream, name) {
      const args = ['bench/floor.ts', '--nats', nats.url, '--endpoint', endpoint, '--stream', stream, '--name', name];
      return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Answers with how many bytes the events take. */
async function fill(
  stream: Stream,
  prefix: string,
  events: number,
  eventsPerMessage: number,
  users: number,
): Promise<number> {
  const generator = createGenerator({ anonymousShare: 0, identifyShare: 0, eventsPerMessage, users });
  const messages = Math.ceil(events / eventsPerMessage);
  let bytes = 0;
  for (let published = 0; published < messages; published += 1_000) {
    const some = Array.from({ length: Math.min(1_000, messages - published) }, () => generator.message());
    for (const { payload } of some) bytes += Buffer.byteLength(payload);
    await Promise.all(some.map(({ subject, payload }) => stream.publish(prefix + subject, payload)));
  }
  return bytes;
}

const sendUsersBlock = 'users: { properties: [plan, lifetime_value, loyalty_points, newsletter, name] }\n';

function ruleOf(stream: string, name: string, endpoint: string): string {
  return `name: ${name}
source: { stream: ${stream}, subjects: ">", start: all }
destination: { type: braze, endpoint: "${endpoint}", apiKey: bench, appId: bench }
events:
  select: ["*"]
  filter: $exists($identifier)
  properties: [event_properties.price, event_properties.quantity, platform, country]
delivery: { rateLimit: { requests: 100000, perMs: 1000 } }
`;
}
