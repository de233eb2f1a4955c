/** Dead letters that a running engine sends again, beside the events that come. */
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, inject, test, vi } from 'vitest';
import { letterOf } from '../sources/jetstream/letters.ts';
import { requestReplay } from '../../src/sources/jetstream/replay-client.ts';
import { DeadLetterStore } from '../../src/sources/jetstream/dead-letter-store.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');
const never = new AbortController().signal;

/** Has a letter of a running engine sent again. */
async function replay(running: RunningEngine, letter: number) {
  const { connection, stream, sync } = running;
  return await requestReplay(connection, { stream: `${stream.name}_DEAD`, sync: sync.name, letter }, 2_000, never);
}

/** Stores a letter of a message of the stream, as if it had failed. */
async function storeLetter(running: RunningEngine, sequence: number): Promise<void> {
  const { connection, stream, sync } = running;
  const manager = await jetstreamManager(connection);
  const stored = await manager.streams.getMessage(stream.name, { seq: sequence });
  if (stored === null) throw new Error(`there is no message ${sequence}`);
  const { data: payload, subject, timestamp } = stored;
  const origin = { stream: stream.name, subject, sequence, storedAt: Date.parse(timestamp) };
  const letters = await DeadLetterStore.open(connection, `${stream.name}_DEAD`);
  await letters.publish(letterOf(payload, { sync: sync.name, ...origin }));
}

const identify = (userProperties: object, user = 'u-1') => ({
  event_type: '$identify',
  user_id: user,
  user_properties: userProperties,
});

const users = { events: { send: false }, users: { properties: ['plan', 'visits'] } };

test.concurrent('an update that Braze refused is sent again as the user is now, and takes nobody back', async () => {
  await using running = await RunningEngine.start({ natsUrl, rule: users });
  await running.publish(identify({ $set: { plan: 'free' }, $add: { visits: 1 } }));
  await running.settled(1);
  await storeLetter(running, 1);
  await running.publish(identify({ $set: { plan: 'pro' }, $add: { visits: 1 } }));
  await running.settled(2);
  await running.simulator.settled();
  const before = running.simulator.counts().dataPoints;
  expect(await replay(running, 1)).toEqual({ kind: 'delivered' });
  await running.simulator.settled();
  expect(running.simulator.profile('u-1')?.attributes).toMatchObject({ plan: 'pro', visits: 2 });
  expect(running.simulator.counts().dataPoints - before).toBe(2);

  // And what comes next goes on from there.
  await running.publish(identify({ $add: { visits: 1 } }));
  await running.settled(4);
  await running.simulator.settled();
  expect(running.simulator.profile('u-1')?.attributes).toMatchObject({ plan: 'pro', visits: 3 });
  expect(await running.deadLetters()).toEqual([]);
});

test.concurrent('an event whose user has an identifier by now is sent, and one whose user has none is a letter again', async () => {
  const rule = {
    identifier: { property: 'user_properties.crm', type: 'external_id' },
    events: { select: ['Purchase'], properties: ['event_properties.seq'] },
    users: { properties: ['plan'] },
  };
  await using running = await RunningEngine.start({ natsUrl, rule });
  const purchase = (user: string) => ({
    event_type: 'Purchase',
    user_id: user,
    event_properties: { seq: 1 },
    user_properties: { plan: 'pro' },
  });
  await running.publish(purchase('known'), purchase('unknown'), identify({ $set: { crm: 'c-1' } }, 'known'));
  await running.settled(3);
  expect(await running.deadLetters()).toHaveLength(2);

  expect(await replay(running, 1)).toEqual({ kind: 'delivered' });
  await running.simulator.settled();
  expect(running.simulator.eventsOf('c-1')).toHaveLength(1);
  expect(running.simulator.profile('c-1')?.attributes).toMatchObject({ plan: 'pro' });
  expect(await replay(running, 2)).toMatchObject({ kind: 'discarded', reason: 'unresolved_identifier' });
  const [letter, ...others] = await running.deadLetters();
  expect(others).toEqual([]);
  expect(letter?.headers).toMatchObject({ 'Sluice-Sequence': '2', 'Sluice-Replays': '1' });
});

test.concurrent('replays count like other events, and an engine that stops leaves the letters of those it had', async () => {
  await using running = await RunningEngine.start({ natsUrl, engine: { drainMs: 200 } });
  await running.publish({ event_type: 'Purchase', event_properties: { seq: 1 } });
  await running.settled(1);
  expect(await replay(running, 1)).toMatchObject({ kind: 'discarded' });
  expect(running.counts.counts).toMatchObject({ received: 2, discarded: { unresolved_identifier: 2 } });
  expect(running.counts.inFlight).toBe(0);

  running.simulator.failBy(() => ({ kind: 'stall' }));
  await running.publish({ event_type: 'Purchase', user_id: 'u', event_properties: { seq: 2 } });
  await storeLetter(running, 2);
  const abort = new AbortController();
  const { connection, stream, sync } = running;
  const request = { stream: `${stream.name}_DEAD`, sync: sync.name, letter: 3 };
  const answer = requestReplay(connection, request, 500, abort.signal);
  await vi.waitFor(() => expect(running.counts.inFlight).toBe(2), { timeout: 10_000 });
  await running.engine.stop();
  expect(running.counts.inFlight).toBe(0);
  expect(await answer).toBeUndefined();
  expect(await running.deadLetters()).toHaveLength(2);
});

test.concurrent('a full stream of letters brings the sync to a stand, told and counted, and loses nothing', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    engine: { deadLetterLimits: { maxAgeMs: 0, maxBytes: 2_000 } },
  });
  const lacking = (seq: number) => ({ event_type: 'Purchase', event_properties: { seq, note: 'x'.repeat(900) } });
  await running.publish(lacking(1), lacking(2), { event_type: 'Purchase', user_id: 'u', event_properties: { seq: 3 } });
  await vi.waitFor(() => expect(running.engine.health[0]?.trouble).toMatch(/cannot be stored: the stream .* is full/), {
    timeout: 10_000,
  });
  expect(running.engine.ready).toBe(false);
  expect(await running.metrics.text()).toContain(`sluice_dead_letters_blocked{sync="${running.sync.name}"} 1`);
  // The good event went its way.
  await running.simulator.waitFor(() => running.simulator.counts().accepted.events === 1);
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(1), { timeout: 10_000 });

  const letters = await DeadLetterStore.open(running.connection, `${running.stream.name}_DEAD`);
  await letters.remove(1);
  await vi.waitFor(() => expect(running.engine.ready).toBe(true), { timeout: 20_000 });
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 10_000 });
  expect(await running.deadLetters()).toMatchObject([{ headers: { 'Sluice-Sequence': '2' } }]);
});
