/** The way back as a process of its own, killed while answers get lost: Amplitude has each event of the stream once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startAmplitudeSimulator } from '../../src/simulator/amplitude/simulator.ts';
import { EngineProcess } from '../engine-process.ts';

const kills = Number(process.env['KILLS'] ?? 4);
const count = 6_000;
const users = 300;

test(`Amplitude has each event of the stream exactly once, through ${kills} kills, a crash of the server and lost answers`, async () => {
  await using resources = new AsyncDisposableStack();
  const nats = resources.use(await startNatsServer());
  const amplitude = resources.use(await startAmplitudeSimulator({ latencyMs: [5, 40], throttle: null }));
  amplitude.failAtRandom({ fault: { kind: 'lost' }, rate: 0.1, seed: 1 });
  amplitude.failAtRandom({ fault: { kind: 'status', status: 502 }, rate: 0.05, seed: 2 });
  amplitude.failAtRandom({ fault: { kind: 'reset' }, rate: 0.05, seed: 3 });
  const folder = await mkdtemp(join(tmpdir(), 'sluice-way-back-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const connection = await connectNats({ urls: [nats.url] });
  resources.defer(() => connection.close());
  const stream = await createStream(connection, 'CURRENTS', ['currents.>']);
  const rules = join(folder, 'back.yaml');
  await writeFile(
    rules,
    `name: back
source: { start: all }
destination: { type: amplitude, endpoint: "${amplitude.url}", apiKey: "${amplitude.key}" }
events: { select: ["*"] }
batch: { maxWaitMs: 50, maxObjects: 20 }
delivery: { concurrency: 8 }
`,
  );

  const told = Array.from({ length: count }, (_, index) => ({
    event_type: 'users.messages.email.Open',
    id: `id-${index}`,
    time: 1_767_603_600 + index,
    user: { user_id: `braze-${index % users}`, external_user_id: `user-${index % users}` },
    properties: { campaign_name: 'Welcome', number: index },
  }));
  // Braze delivers at least once, and the stream may have forgotten the id when an event comes again.
  const published = [...told, ...told.filter((_, index) => index % 10 === 0)];
  for (let start = 0; start < published.length; start += 500) {
    const some = published.slice(start, start + 500);
    await Promise.all(some.map((event) => stream.publish(`currents.${event.event_type}`, JSON.stringify(event))));
  }

  const env = { NATS_URL: nats.url, SLUICE_ACK_WAIT_MS: '1500', LOG_LEVEL: 'fatal' };
  const engine = (...args: string[]) => resources.use(new EngineProcess(['--rules', rules, ...args], env));
  const storedMore = async (events: number): Promise<void> => {
    const target = amplitude.counts().stored + events;
    await amplitude.waitFor(() => amplitude.counts().stored >= target, { timeoutMs: 60_000 });
  };
  for (let kill = 0; kill < kills; kill++) {
    const child = engine();
    await storedMore(200 + 150 * kill);
    if (kill === Math.floor(kills / 2)) {
      // The engine lives through it: its acks are lost, and it has to find its way back by itself.
      await nats.kill();
      await nats.restart();
      await storedMore(200);
    }
    child.signal('SIGKILL');
    await child.ended();
  }
  const last = engine('--once', '--json');
  await last.ended();
  const report = JSON.parse(last.output) as { syncs: [{ inFlight: number }] };
  expect(report.syncs[0].inFlight).toBe(0);

  const byNumber = (one: number, other: number): number => one - other;
  const stored = amplitude.events().map(({ event }) => event);
  const numberOf = ({ event_properties: properties }: (typeof stored)[number]): number =>
    (properties as { number: number }).number;
  expect(stored.map(numberOf).toSorted(byNumber)).toEqual(told.map((_, index) => index));
  for (const event of stored) {
    const index = numberOf(event);
    expect(event).toEqual({
      user_id: `user-${index % users}`,
      insert_id: `id-${index}`,
      library: 'Braze',
      event_type: '[Appboy] Email Open',
      time: (1_767_603_600 + index) * 1_000,
      event_properties: { campaign_name: 'Welcome', number: index },
    });
  }
  const { duplicates, byStatus } = amplitude.counts();
  // Something was lost and sent again, or this has shown nothing.
  expect(duplicates).toBeGreaterThan(published.length - told.length);
  expect(byStatus['none']).toBeGreaterThan(0);
  console.log(`${kills} kills: ${stored.length} events, ${duplicates} sent again and stored once`, byStatus);
}, 300_000);
