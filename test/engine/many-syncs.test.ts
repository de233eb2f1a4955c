import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { FollowingEngine } from '../following-engine.ts';

const files = ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml'];
const messages = 160;
const messageBytes = 256 * 1_024;

test('many syncs that have much to read do not ask for more than the server holds for a connection', async () => {
  await using nats = await startNatsServer();
  const rule = { filter: 'event_type = "Other"', start: 'all' } as const;
  await using running = await FollowingEngine.start(nats.url, Object.fromEntries(files.map((file) => [file, rule])));
  await running.stopEngine();
  const padding = 'x'.repeat(messageBytes - 200);
  for (let seq = 0; seq < messages; seq++) {
    const event = { event_type: 'Purchase', user_id: `user-${seq}`, event_properties: { padding } };
    await running.stream.publish(`${running.stream.name}.events`, JSON.stringify(event));
  }
  await using watching = await connectNats({ urls: [nats.url] });
  const asked: number[] = [];
  watching.subscribe('$JS.API.CONSUMER.MSG.NEXT.>', {
    callback: (_, message) => void asked.push(message.json<{ readonly batch: number }>().batch),
  });
  await watching.flush();

  await running.startEngine();
  await vi.waitFor(
    () => {
      const received = files.map((file) => running.metrics.of(running.syncOf(file)).counts.received);
      expect(received).toEqual(files.map(() => messages));
    },
    { timeout: 30_000, interval: 20 },
  );

  // Together half of the 64 MiB that a server holds.
  const share = (32 * 1_024 * 1_024) / files.length;
  expect(Math.max(...asked) * messageBytes).toBeLessThanOrEqual(share);
  expect(Math.max(...asked) * messageBytes).toBeGreaterThan(share / 2);
  expect(await readFile(join(nats.storeDir, 'nats-server.log'), 'utf8')).not.toContain('Slow Consumer');
  expect(running.lines.filter(({ msg }) => msg.startsWith('NATS does not answer'))).toEqual([]);
});
