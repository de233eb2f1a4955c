/**
 * Memory of the gateway while its nats-server is stopped and clients go on to send: of ordinary events, and of the
 * smallest, which cost the most beside their bytes.
 */
import { Agent, request } from 'undici';
import { createGenerator } from '../src/generator/index.ts';
import { startNatsServer } from '../src/nats/start-server.ts';
import { build } from './build.ts';
import { openBench } from './command-line.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { memoryOf } from './process-usage.ts';
import { numberText, type Row } from './report.ts';

const { flags, progress, report } = openBench(
  'gateway-stalled',
  'The memory of the gateway while NATS answers nothing and clients go on to send.',
  {
    connections: { default: 2_000, quick: 500, help: 'how many clients send at once, each on a connection of its own' },
    mebibytes: { default: 64, help: 'SLUICE_GATEWAY_MAX_BYTES, in MiB' },
  },
);

const generator = createGenerator({ users: 5_000, shape: 'http' });
const requests = [
  { name: '100 ordinary events', body: bodyOf(100, () => generator.next().event) },
  {
    name: '2,000 events of 35 bytes, without a time or an insert_id',
    body: bodyOf(2_000, () => ({ user_id: 'mia-1', event_type: 'x' })),
  },
];

await using built = await build();
let natsServer = '';
let most = 0;
const rows: Row[] = [];
for (const { name, body } of requests) {
  progress(`${flags.connections} clients, each with ${name}`);
  await using resources = new AsyncDisposableStack();
  const nats = resources.use(await startNatsServer());
  natsServer = nats.version;
  const maxBytes = String(flags.mebibytes * 1_024 * 1_024);
  const gateway = await startGatewayProcess(built.engine, nats.url, 'BENCH', { SLUICE_GATEWAY_MAX_BYTES: maxBytes });
  resources.defer(() => gateway.stop());
  const before = (await memoryOf(gateway.pid)).resident / 1e6;
  process.kill(nats.pid, 'SIGSTOP');
  resources.defer(() => void process.kill(nats.pid, 'SIGCONT'));
  const agent = new Agent({ connections: flags.connections, pipelining: 1 });
  resources.defer(() => agent.destroy());
  const ends = new Map<string, number>();
  await Promise.all(
    Array.from({ length: flags.connections }, async () => {
      const end = await post(`${gateway.url}/2/httpapi`, body, agent);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }),
  );
  const peak = (await memoryOf(gateway.pid)).peak / 1e6;
  most = Math.max(most, peak);
  const answers = [...ends].map(([end, count]) => `${count} × ${end}`).join(', ');
  rows.push({ name, cells: [Math.round(body.length / 1e3), answers, Math.round(before), Math.round(peak)] });
}
report(
  {
    tables: [
      {
        title: `${numberText(flags.connections)} requests at once, each on its own connection`,
        columns: ['a request of', 'KB', 'answers', 'MB resident before', 'at most'],
        rows,
      },
    ],
    reading: [`With NATS stopped the gateway has at most ${numberText(Math.round(most))} MB resident.`],
  },
  { natsServer },
);

/** The status; or that the connection was ended, since its body had stalled while memory was short. */
async function post(url: string, body: string, dispatcher: Agent): Promise<string> {
  try {
    const answer = await request(url, { method: 'POST', body, dispatcher });
    await answer.body.dump();
    return String(answer.statusCode);
  } catch {
    return 'ended';
  }
}

function bodyOf(count: number, event: () => unknown): string {
  return JSON.stringify({ api_key: 'bench', events: Array.from({ length: count }, event) });
}
