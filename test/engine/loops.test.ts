/** Amplitude's events to Braze, what Braze tells back to Amplitude, and what Amplitude stores into the stream again. */
import { randomUUID } from 'node:crypto';
import { expect, inject, test, vi } from 'vitest';
import { Engine } from '../../src/engine.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { createLog } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { createStream, openStream } from '../../src/nats/stream.ts';
import { readSettings } from '../../src/settings.ts';
import { startAmplitudeSimulator } from '../../src/simulator/amplitude/simulator.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { amplitudeSyncSchema, syncSchema } from '../../src/syncs/schema.ts';
import { resolveSync } from '../../src/syncs/sync.ts';

const natsUrl = inject('natsUrl');
const log = createLog({ log: { level: 'silent', format: 'json' }, secrets: [] });

/**
 * Sends ten events round, as often as `turns`, and answers how many events Braze has after each of them. Both syncs
 * select everything; after each turn all that Amplitude has stored comes into the stream, as Amplitude would send it.
 */
async function goRound(echoes: 'drop' | 'send', turns: number): Promise<readonly number[]> {
  await using resources = new AsyncDisposableStack();
  const connection = await connectNats({ urls: [natsUrl] });
  resources.defer(() => connection.close());
  const name = `LOOP_${randomUUID().slice(0, 8)}`;
  const stream = await createStream(connection, name, [`${name}.>`]);
  resources.defer(() => stream.delete());
  const amplitude = resources.use(await startAmplitudeSimulator());
  const gateway = await startGateway({
    ...readSettings({}).gateway,
    port: 0,
    keys: new Map(),
    currents: { token: 'currents-token', stream: `${name}_CURRENTS` },
    connection,
    log,
  });
  resources.defer(() => gateway.close());
  const currents = await openStream(connection, `${name}_CURRENTS`);
  resources.defer(() => currents.delete());
  const braze = resources.use(
    await startSimulator({
      currents: { url: `${gateway.url}/currents`, token: 'currents-token', messagePercent: 100, unknownEvery: 0 },
    }),
  );
  const common = { events: { select: ['*'], echoes }, batch: { maxWaitMs: 10 } };
  const there = syncSchema.parse({
    ...common,
    name: `${name}_there`,
    source: { stream: name, subjects: `${name}.>`, start: 'all' },
    destination: { type: 'braze', endpoint: braze.url, apiKey: braze.key },
  });
  const back = amplitudeSyncSchema.parse({
    ...common,
    name: `${name}_back`,
    source: { stream: currents.name, subjects: '>', start: 'all' },
    destination: { type: 'amplitude', endpoint: amplitude.url, apiKey: amplitude.key },
  });
  const metrics = new Metrics();
  const syncs = [resolveSync('there.yaml', there, undefined), resolveSync('back.yaml', back, undefined)];
  const engine = new Engine({ connection, syncs, deadLetters: `${name}_DEAD`, drainMs: 10_000, metrics, log });
  await engine.start();
  resources.defer(async () => (await openStream(connection, `${name}_DEAD`)).delete());
  resources.defer(() => engine.stop());
  const settled = async (sync: string, events: number): Promise<void> =>
    await vi.waitFor(() => expect(metrics.of(sync)).toMatchObject({ counts: { received: events }, inFlight: 0 }), {
      timeout: 20_000,
      interval: 10,
    });

  const inBraze: number[] = [];
  let published = 0;
  let takenBack = 0;
  let coming: unknown[] = Array.from({ length: 10 }, (_, index) => ({
    event_type: 'Song Played',
    user_id: `user-${index}`,
    insert_id: `i${index}`,
    time: Date.now(),
  }));
  for (let turn = 0; turn < turns; turn++) {
    for (const event of coming) await stream.publish(`${name}.event`, JSON.stringify(event));
    published += coming.length;
    await settled(there.name, published);
    await braze.currents?.flush();
    await settled(back.name, await currents.messages());
    coming = amplitude
      .events()
      .slice(takenBack)
      .map(({ event }) => event);
    takenBack += coming.length;
    inBraze.push(braze.counts().accepted.events);
  }
  return inBraze;
}

test('what came from Braze does not go to Braze again, and the reverse', async () => {
  expect(await goRound('drop', 3)).toEqual([10, 10, 10]);
});

test('without that, each event comes round again and again, and more with it', async () => {
  const [first = 0, second = 0, third = 0] = await goRound('send', 3);
  expect(first).toBe(10);
  // Each event comes back by itself, and with the messages that it led to.
  expect(second).toBeGreaterThanOrEqual(40);
  expect(third).toBeGreaterThanOrEqual(160);
});
