/**
 * What a sync pays for events that it drops by type: the engine as a process of its own over one stream, by turns
 * selecting all types, selecting one that is `--pass-share` of them, and that one by the subjects of its messages. CPU
 * for each event of the stream; what a start costs is measured on an empty stream and taken off.
 *
 * node bench/selective.ts [--events 200000] [--pass-share 0.05] [--rounds 5] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { typeToken } from '../src/core/subject.ts';
import { createGenerator } from '../src/generator/index.ts';
import { connectNats } from '../src/nats/connect.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { createStream, type Stream } from '../src/nats/stream.ts';
import { machine, summarise } from './harness.ts';

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    'pass-share': { type: 'string', default: '0.05' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const events = Number(flags.events);
const passShare = Number(flags['pass-share']);

/** What `run --once --json` prints. */
interface Report {
  readonly syncs: readonly [{ readonly received: number; readonly objects: number }];
  readonly process: { readonly cpuMs: number };
}

const wanted = 'Wanted';
const contenders = [
  { name: 'all types pass', select: '"*"', subjects: 'events.*.*' },
  { name: 'dropped by the sync', select: wanted, subjects: 'events.*.*' },
  { name: 'dropped by the stream', select: wanted, subjects: 'events.*.{type}' },
] as const;

await using resources = new AsyncDisposableStack();
const nats = resources.use(await startNatsServer());
const connection = await connectNats({ urls: [nats.url] });
resources.defer(() => connection.close());
const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
resources.defer(() => rm(folder, { recursive: true }));
const sink = spawn(process.execPath, [join(import.meta.dirname, 'bare-sink.ts')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
resources.defer(() => void sink.stdin.end());
const [port] = (await once(sink.stdout, 'data')) as [Buffer];
const endpoint = `http://127.0.0.1:${port.toString().trim()}`;

await createStream(connection, 'EMPTY', ['empty.>']);
await fill(await createStream(connection, 'EVENTS', ['events.>']));
const idleMs = (await run('EMPTY', 'idle', '"*"', 'empty.>')).process.cpuMs;
const samples = contenders.map((): number[] => []);
for (let round = 0; round < Number(flags.rounds); round++) {
  for (const [index, { name, select, subjects }] of contenders.entries()) {
    const report = await run('EVENTS', `s${index}-${round}`, select, subjects);
    if (!flags.json) console.log(`${name}: ${report.syncs[0].received} received, ${report.syncs[0].objects} sent`);
    samples[index]?.push(((report.process.cpuMs - idleMs) * 1_000) / events);
  }
}
const measured = contenders.map(({ name }, index) => summarise(name, samples[index] ?? []));
if (flags.json) console.log(JSON.stringify({ machine: machine(), events, passShare, measured }));
else print();

/** Publishes realistic events, of which a share are renamed, each under the subject of its type. */
async function fill(stream: Stream): Promise<void> {
  const generator = createGenerator({ anonymousShare: 0, identifyShare: 0 });
  for (let published = 0; published < events; published += 1_000) {
    const some = Array.from({ length: Math.min(1_000, events - published) }, (_, index) => {
      const [first] = generator.message().events;
      const passes = Math.floor((published + index + 1) * passShare) > Math.floor((published + index) * passShare);
      const type = passes ? wanted : String(first?.event['event_type']);
      const payload = JSON.stringify({ ...first?.event, event_type: type });
      return stream.publish(`events.0.${typeToken(type)}`, payload);
    });
    await Promise.all(some);
  }
}

async function run(stream: string, name: string, select: string, subjects: string): Promise<Report> {
  const rules = join(folder, `${name}.yaml`);
  await writeFile(
    rules,
    `name: ${name}
source: { stream: ${stream}, subjects: "${subjects}", start: all }
destination: { type: braze, endpoint: "${endpoint}", apiKey: bench, appId: bench }
events:
  select: [${select}]
  filter: $exists($identifier)
  properties: [event_properties.price, event_properties.quantity, platform, country]
delivery: { rateLimit: { requests: 100000, perMs: 1000 } }
`,
  );
  const engine = spawn(process.execPath, ['src/cli.ts', 'run', '--rules', rules, '--once', '--json'], {
    env: { ...process.env, NATS_URL: nats.url, SLUICE_HTTP_PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(await text(engine.stdout)) as Report;
}

function print(): void {
  const { cpu, cores, node } = machine();
  console.log(`${cores} × ${cpu}, Node ${node}, nats-server ${nats.version}`);
  console.log(`${events} events, ${passShare * 100} % of the selected type; µs CPU for each event of the stream`);
  const all = measured[0]?.median ?? Number.NaN;
  for (const { name, median, least, most } of measured) {
    const spread = `${least.toFixed(2)} to ${most.toFixed(2)}`;
    console.log(`${name}: median ${median.toFixed(2)}, ${spread}; ${((median / all) * 100).toFixed(0)} % of all`);
  }
}
