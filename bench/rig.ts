/** What the benches of the whole way share: a nats-server with filled streams, a bare sink, and the engine, each a process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { createStream } from '../src/nats/stream.ts';
import { build } from './build.ts';
import { type FillOptions, fillStream } from './fill-stream.ts';
import { summarise } from './harness.ts';
import { cpuMsOf } from './process-usage.ts';
import { type Delivery, ruleText } from './rule.ts';
import type { Workload } from './workload.ts';

export interface RigOptions {
  /** How long the sink waits before it answers. */
  readonly latencyMs: number;
  /** The share of requests that the sink answers with 429. */
  readonly rejectShare?: number;
  /** Whether the sink tells how old events were when it accepted them. */
  readonly timed?: boolean;
  readonly workload: Workload;
  readonly delivery?: Delivery;
}

export interface Rig extends AsyncDisposable {
  readonly natsVersion: string;
  readonly connection: NatsConnection;
  /** Where the sink listens. */
  readonly endpoint: string;
  /**
   * Makes a stream and publishes so many events into it, and answers how many bytes an event has on average. The stream
   * `EMPTY` is there from the start.
   */
  fill(stream: string, events: number, options?: Partial<FillOptions>): Promise<number>;
  /** Starts the engine over a stream, to be ended by whoever asked for it. */
  start(options: RunOptions, args?: readonly string[]): Promise<Process>;
  /** Runs the engine, or the floor, over all of a stream until nothing is left. */
  run(options: RunOptions): Promise<Used>;
  /** What a start and an end cost: the median of so many runs over the stream `EMPTY`, three if not said. */
  idle(options: Omit<RunOptions, 'stream' | 'name'>, runs?: number): Promise<Used>;
}

export interface RunOptions {
  readonly stream: string;
  /** Of the sync; a new name reads the stream from its start. */
  readonly name: string;
  /** `floor`: the job by hand, `floor.ts`. */
  readonly by?: 'engine' | 'floor';
  /** How many syncs of the engine read the stream. */
  readonly syncs?: number;
  readonly sendUsers?: boolean;
  /** What the sync selects is that of this one, if it differs from that of the rig. */
  readonly workload?: Workload;
  /** `source.subjects`, if not all of the stream. */
  readonly subjects?: string;
  /** From when on the stream is read, ISO 8601. */
  readonly from?: string;
  /** For Node.js itself. */
  readonly nodeArgs?: readonly string[];
}

export type Process = ChildProcessByStdio<null, Readable, null>;

/** What a run came to. The syncs are added up. */
export interface Used {
  readonly received: number;
  readonly requests: number;
  readonly objects: number;
  readonly userUpdates: number;
  readonly uptimeMs: number;
  readonly cpuMs: number;
  /** CPU of the nats-server. */
  readonly serverCpuMs: number;
  readonly maxRssBytes: number;
}

/** What `run --once --json` prints, and the floor. */
interface Printed {
  readonly syncs: readonly Pick<Used, 'received' | 'requests' | 'objects' | 'userUpdates'>[];
  readonly process: Pick<Used, 'uptimeMs' | 'cpuMs' | 'maxRssBytes'>;
}

const defaultDelivery: Delivery = { concurrency: 16, batch: 75 };

export async function startRig({ workload, delivery = defaultDelivery, ...sinkOptions }: RigOptions): Promise<Rig> {
  const resources = new AsyncDisposableStack();
  const built = resources.use(await build());
  const nats = resources.use(await startNatsServer());
  const connection = await connectNats({ urls: [nats.url] });
  resources.defer(() => connection.close());
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const sink = startSink(sinkOptions);
  resources.defer(() => void sink.stdin.end());
  const [port] = (await once(sink.stdout, 'data')) as [Buffer];
  const endpoint = `http://127.0.0.1:${port.toString().trim()}`;
  await createStream(connection, 'EMPTY', ['empty.>']);

  const start: Rig['start'] = async (options, args = []) => {
    const { stream, name, by = 'engine', syncs = 1, sendUsers = false, from = 'all', nodeArgs = [] } = options;
    const subjects = options.subjects ?? `${stream.toLowerCase()}.>`;
    const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
    if (by === 'floor') {
      const flags = ['--nats', nats.url, '--endpoint', endpoint, '--stream', stream, '--name', name];
      return spawn(process.execPath, [...nodeArgs, built.floor, ...flags], { stdio });
    }
    const rules = join(folder, name);
    await mkdir(rules, { recursive: true });
    for (let sync = 1; sync <= syncs; sync++) {
      const own = `${name}-${sync}`;
      const wanted = options.workload ?? workload;
      const source = { stream, subjects, start: from };
      const rule = ruleText({ name: own, source, endpoint, workload: wanted, delivery, sendUsers });
      await writeFile(join(rules, `${own}.yaml`), rule);
    }
    return spawn(process.execPath, [...nodeArgs, built.engine, 'run', '--rules', rules, ...args], {
      stdio,
      env: {
        ...process.env,
        NATS_URL: nats.url,
        SLUICE_HTTP_PORT: '0',
        LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
      },
    });
  };
  const run = async (options: RunOptions): Promise<Used> => {
    const before = await cpuMsOf(nats.pid);
    const { stdout } = await start(options, ['--once', '--json']);
    const { syncs, process: used } = JSON.parse(await text(stdout)) as Printed;
    const serverCpuMs = (await cpuMsOf(nats.pid)) - before;
    const sum = (of: (sync: Printed['syncs'][number]) => number) => syncs.reduce((all, sync) => all + of(sync), 0);
    return {
      received: sum(({ received }) => received),
      requests: sum(({ requests }) => requests),
      objects: sum(({ objects }) => objects),
      userUpdates: sum(({ userUpdates }) => userUpdates),
      ...used,
      serverCpuMs,
    };
  };
  let idles = 0;
  return {
    natsVersion: nats.version,
    connection,
    endpoint,
    start,
    run,
    async idle(options, count = 3) {
      const runs: Used[] = [];
      for (let time = 0; time < count; time++)
        runs.push(await run({ ...options, stream: 'EMPTY', name: `idle-${idles++}` }));
      const median = (of: (used: Used) => number): number => summarise('', runs.map(of)).median;
      return {
        received: 0,
        requests: 0,
        objects: 0,
        userUpdates: 0,
        uptimeMs: median(({ uptimeMs }) => uptimeMs),
        cpuMs: median(({ cpuMs }) => cpuMs),
        serverCpuMs: median(({ serverCpuMs }) => serverCpuMs),
        maxRssBytes: median(({ maxRssBytes }) => maxRssBytes),
      };
    },
    fill: (stream, events, options) => fillStream(connection, stream, events, { workload, ...options }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** What an event cost in a run, the start and the end of the process taken off. */
export function costOf(used: Used, idle: Used) {
  const { received, objects, requests } = used;
  return {
    cpuMicros: ((used.cpuMs - idle.cpuMs) * 1_000) / received,
    serverCpuMicros: ((used.serverCpuMs - idle.serverCpuMs) * 1_000) / received,
    eventsPerSecond: Math.round((received * 1_000) / (used.uptimeMs - idle.uptimeMs)),
    rssMb: used.maxRssBytes / 1e6,
    objectsPerRequest: objects / requests,
  };
}

function startSink({ latencyMs, rejectShare = 0, timed = false }: Omit<RigOptions, 'workload' | 'delivery'>) {
  const script = join(import.meta.dirname, 'bare-sink.ts');
  const args = ['--latency', String(latencyMs), '--reject-share', String(rejectShare), ...(timed ? ['--timed'] : [])];
  return spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
