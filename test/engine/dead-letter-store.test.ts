import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

test('while a dead letter cannot be stored its message is not acked and the sync is unready; then it is stored', async () => {
  await using running = await RunningEngine.start({ natsUrl });
  const manager = await jetstreamManager(running.connection);
  const letters = `${running.stream.name}_DEAD`;
  const { config } = await manager.streams.info(letters);
  await manager.streams.delete(letters);
  await running.publish('{ no JSON', { event_type: 'Viewed', user_id: 'a' });

  await vi.waitFor(() => expect(running.engine.health[0]?.trouble).toMatch(/a dead letter cannot be stored/), {
    timeout: 20_000,
  });
  await vi.waitFor(() => expect(running.counts.delivered).toBe(1), { timeout: 10_000 });
  expect(running.engine.ready).toBe(false);
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(1), { timeout: 10_000 });

  await manager.streams.add({ ...config, name: letters });
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 20_000 });
  expect(await running.deadLetters()).toMatchObject([{ payload: '{ no JSON' }]);
  expect(running.engine.ready).toBe(true);
});
