/** Servers that forget how far a consumer was. */
import { copyFile, glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { RunningEngine } from '../running-engine.ts';

function numbered(count: number, from = 0): object[] {
  return Array.from({ length: count }, (_, index) => ({
    event_type: 'Viewed',
    user_id: `u-${(from + index) % 10}`,
    event_properties: { seq: from + index },
  }));
}

function arrived(running: RunningEngine): number[] {
  return running.simulator.acceptedEvents().map(({ properties }) => Number(properties?.['seq']));
}

test.concurrent('what a server that crashed delivers anew, since it forgot that it had, is not sent again', async () => {
  await using nats = await startNatsServer();
  await using running = await RunningEngine.start({ natsUrl: nats.url, engine: { ackWaitMs: 1_000 } });
  // Where the server keeps how far a consumer is; it writes that some time after the fact.
  const place = join(nats.storeDir, '**', running.stream.name, 'obs', running.sync.name, 'o.dat');
  await running.publish(...numbered(1));
  await running.settled(1);
  const state = await vi.waitFor(async () => {
    for await (const found of glob(place)) return found;
    throw new Error(`nothing is at ${place}`);
  });
  const before = join(nats.storeDir, 'before.dat');
  await copyFile(state, before);
  await running.publish(...numbered(200, 1));
  await running.settled(201);
  await nats.kill();
  await copyFile(before, state);
  await nats.restart();

  await vi.waitFor(async () => expect((await running.consumer()).ack_floor.stream_seq).toBe(201), { timeout: 20_000 });
  await running.publish(...numbered(1, 201));
  await vi.waitFor(() => expect(arrived(running)).toContain(201), { timeout: 20_000 });
  expect(arrived(running)).toHaveLength(202);
});
