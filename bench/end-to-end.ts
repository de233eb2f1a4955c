/**
 * The whole way: a nats-server, the engine as a process of its own (`run --once`), and a bare sink in another. Prints
 * events a second and the engine's CPU per event; what a start costs is measured on an empty stream and taken off.
 *
 * node bench/end-to-end.ts [--events 300000] [--latency 0] [--rounds 3] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { createStream, type Stream } from '../src/nats/stream.ts';

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '300000' },
    latency: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const events = Number(flags.events);

interface Report {
  readonly syncs: readonly [{ received: number; deliveredFirst: number; requests: number; objects: number }];
  readonly process: { readonly uptimeMs: number; readonly cpuMs: number; readonly maxRssBytes: number };
}

await using nats = await startNatsServer();
await using resources = new AsyncDisposableStack();
const connection = await connectNats({ urls: [nats.url] });
resources.defer(() => connection.close());
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
resources.defer(() => rm(folder, { recursive: true }));
const sink = spawn(process.execPath, [join(import.meta.dirname, 'bare-sink.ts'), '--latency', flags.latency], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
resources.defer(() => void sink.stdin.end());
const [port] = (await once(sink.stdout, 'data')) as [Buffer];

const full = await createStream(connection, 'EVENTS', ['events.>']);
await createStream(connection, 'EMPTY', ['empty.>']);
const bytes = await fill(full);

const idle = await run('EMPTY', 'idle');
const rounds: { eventsPerSecond: number; cpuMicros: number; rssMb: number; objectsPerRequest: number }[] = [];
for (let round = 0; round < Number(flags.rounds); round++) {
  const { syncs, process: used } = await run('EVENTS', `round-${round}`);
  const [sync] = syncs;
  if (sync.received !== events) throw new Error(`${sync.received} of ${events} events were received`);
  rounds.push({
    eventsPerSecond: Math.round((events * 1_000) / (used.uptimeMs - idle.process.uptimeMs)),
    cpuMicros: ((used.cpuMs - idle.process.cpuMs) * 1_000) / events,
    rssMb: used.maxRssBytes / 1e6,
    objectsPerRequest: sync.objects / sync.requests,
  });
}
print();

async function fill(stream: Stream): Promise<number> {
  const generator = createGenerator({ anonymousShare: 0, identifyShare: 0 });
  let bytes = 0;
  for (let published = 0; published < events; published += 1_000) {
    const messages = Array.from({ length: Math.min(1_000, events - published) }, () => generator.message());
    for (const { payload } of messages) bytes += Buffer.byteLength(payload);
    await Promise.all(messages.map(({ subject, payload }) => stream.publish(subject, payload)));
  }
  return bytes;
}

async function run(stream: string, name: string): Promise<Report> {
  const rule = join(folder, `${name}.yaml`);
  await writeFile(
    rule,
    `name: ${name}
source: { stream: ${stream}, subjects: ">", start: all }
destination: { type: braze, endpoint: "http://127.0.0.1:${port.toString().trim()}", apiKey: bench, appId: bench }
events:
  select: ["*"]
  filter: $exists($identifier)
  properties: [event_properties.price, event_properties.url, user_properties.plan, platform]
delivery: { rateLimit: { requests: 1000000, perMs: 1000 } }
`,
  );
  const engine = spawn(process.execPath, ['src/cli.ts', 'run', '--once', '--json', '--rules', rule], {
    env: { ...process.env, NATS_URL: nats.url, SLUICE_HTTP_PORT: '0', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(engine.stdout)) as Report;
}

function print(): void {
  const { versions } = process;
  const result = {
    events,
    bytesPerEvent: Math.round(bytes / events),
    sinkLatencyMs: Number(flags.latency),
    machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${versions.node}, nats-server ${nats.version}`,
    rounds,
  };
  if (flags.json) return console.log(JSON.stringify(result));
  console.log(`${events} events of ${result.bytesPerEvent} bytes, sink latency ${flags.latency} ms, ${result.machine}`);
  for (const { eventsPerSecond, cpuMicros, rssMb, objectsPerRequest } of rounds) {
    console.log(
      `${eventsPerSecond} events/s, ${cpuMicros.toFixed(1)} µs CPU per event, ` +
        `${rssMb.toFixed(0)} MB peak RSS, ${objectsPerRequest.toFixed(1)} objects a request`,
    );
  }
}
