import { expect, inject, test, vi } from 'vitest';
import type { Fault } from '../../src/simulator/simulator.ts';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

const events = Array.from({ length: 400 }, (_, seq) => ({
  event_type: 'Viewed',
  user_id: `u-${seq % 40}`,
  event_properties: { seq },
}));
const engine = {
  pacing: { backoff: { firstMs: 10, maxMs: 50 }, holdMs: 50 },
  timeouts: { totalTimeoutMs: 400 },
};

const faults: readonly (readonly [name: string, fault: Fault, duplicates: boolean])[] = [
  ['500 with an HTML body', { kind: 'status', status: 500 }, false],
  ['502 with an empty body', { kind: 'status', status: 502, body: 'empty' }, false],
  ['503', { kind: 'status', status: 503 }, false],
  ['504', { kind: 'status', status: 504 }, false],
  ['a connection that is reset', { kind: 'reset' }, false],
  ['a response that is lost by a reset', { kind: 'lost', how: 'reset' }, true],
  ['a response that never comes', { kind: 'lost', how: 'silence' }, true],
  ['a slow answer', { kind: 'slow', ms: 200 }, false],
  ['an answer that breaks off', { kind: 'truncated' }, false],
  ['429', { kind: 'rate_limited', seconds: 0.05 }, false],
  ['429 without JSON', { kind: 'rate_limited', seconds: 0.05, body: 'text' }, false],
  ['400 that names nothing', { kind: 'bad_request' }, false],
  ['413', { kind: 'too_large' }, false],
  ['401', { kind: 'unauthorized' }, false],
  ['403', { kind: 'forbidden' }, false],
];

test.concurrent.for(faults)('nothing is lost through %s', async ([, fault, duplicates]) => {
  await using running = await RunningEngine.start({
    natsUrl,
    simulator: { latencyMs: [1, 10] },
    engine,
  });
  running.simulator.failNext(fault, 3);
  // A request that is refused with one event in it has found its culprit, so those that are halved come at first only.
  const halves = fault.kind === 'bad_request' || fault.kind === 'too_large';
  if (!halves) running.simulator.failAtRandom({ fault, rate: 0.2, seed: 7 });
  await running.publish(...events);
  await running.settled(events.length);

  expect(running.counts.delivered).toBe(events.length);
  const accepted = running.simulator.acceptedEvents().map(({ properties }) => Number(properties?.['seq']));
  expect(new Set(accepted).size).toBe(events.length);
  expect(duplicates || accepted.length === events.length).toBe(true);
  for (const user of new Set(events.map(({ user_id }) => user_id))) {
    const firsts = [...new Set(running.simulator.eventsOf(user).map(({ properties }) => Number(properties?.['seq'])))];
    expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
  }
  expect(running.simulator.violations()).toEqual([]);
});

test.concurrent.for(['epoch', 'mau'] as const)(
  'a storm of 429 in the header model %s is waited out',
  async (headerModel) => {
    await using running = await RunningEngine.start({
      natsUrl,
      simulator: { headerModel, burst: { requests: 3, perMs: 400 } },
      engine,
      rule: { batch: { maxObjects: 20, maxWaitMs: 20 } },
    });
    await running.publish(...events);
    await running.settled(events.length);

    expect(running.counts.delivered).toBe(events.length);
    expect(running.simulator.counts().byStatus['429']).toBeGreaterThan(0);
    expect(running.simulator.counts().accepted.events).toBe(events.length);
  },
);

test.concurrent('a revoked key holds the sync, drops nothing, and says so until the key is back', async () => {
  await using running = await RunningEngine.start({ natsUrl, engine });
  running.simulator.revokeKey();
  await running.publish(...events);
  await vi.waitFor(() => expect(running.engine.health[0]?.trouble).toMatch(/401/), { timeout: 10_000 });
  expect(running.engine.ready).toBe(false);
  expect(running.engine.health[0]?.trouble).not.toContain(running.simulator.key);

  running.simulator.restoreKey();
  await running.settled(events.length);
  expect(running.counts.delivered).toBe(events.length);
  expect(running.engine.ready).toBe(true);
});

test.concurrent('what Braze refuses in a request is a dead letter with its words; the rest is delivered', async () => {
  await using running = await RunningEngine.start({ natsUrl, simulator: { blockedExternalIds: ['u-7'] } });
  await running.publish(...events);
  await running.settled(events.length);

  expect(running.counts.delivered).toBe(390);
  expect(running.counts.counts.discarded).toEqual({ rejected: 10 });
  const letters = await running.deadLetters();
  expect(letters).toHaveLength(10);
  for (const { headers, payload } of letters) {
    expect(headers['Sluice-Detail']).toMatch(/BLACKLISTED/);
    expect(JSON.parse(payload)).toMatchObject({ user_id: 'u-7' });
  }
});

test.concurrent('an event that is too old after a failed attempt is a dead letter', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    engine,
    rule: { delivery: { giveUpAfterMs: 100 } },
  });
  running.simulator.failAtRandom({ fault: { kind: 'status', status: 503 }, rate: 1 });
  await running.publish(...events);
  await running.settled(events.length);
  expect(running.counts.counts.discarded).toEqual({ expired: events.length });
});

test.concurrent('an event that a firewall before Braze refuses is a dead letter; the rest is delivered', async () => {
  await using running = await RunningEngine.start({
    natsUrl,
    engine,
    rule: { batch: { maxObjects: 10, maxWaitMs: 20 } },
  });
  running.simulator.failBy(({ users }) => (users.has('external_id:u-7') ? { kind: 'forbidden' } : undefined));
  await running.publish(...events);
  // What is refused is compared with what is accepted, and events keep coming.
  let more = 0;
  await vi.waitFor(
    async () => {
      await running.publish({ event_type: 'Viewed', user_id: `more-${more++}` });
      expect(running.counts.discarded).toBe(10);
    },
    { timeout: 20_000, interval: 20 },
  );
  await running.settled(events.length + more);

  expect(running.counts.delivered).toBe(390 + more);
  expect(running.counts.counts.discarded).toEqual({ rejected: 10 });
  for (const { headers, payload } of await running.deadLetters()) {
    expect(headers['Sluice-Detail']).toMatch(/^Braze answered 403: .*, while it accepted other requests$/);
    expect(JSON.parse(payload)).toMatchObject({ user_id: 'u-7' });
  }
  expect(running.engine.ready).toBe(true);
});

test.concurrent('while Braze gives no usable answer the sync is unready, and ready again after it', async () => {
  await using running = await RunningEngine.start({ natsUrl, engine });
  running.simulator.failAtRandom({ fault: { kind: 'status', status: 503 }, rate: 1 });
  await running.publish(...events);
  await vi.waitFor(() => expect(running.engine.health[0]?.trouble).toBe('Braze answered 503'), { timeout: 10_000 });
  expect(running.engine.ready).toBe(false);
  expect(await running.metrics.text()).toMatch(/^sluice_destination_unreachable\{.*\} 1$/m);

  running.simulator.clearFaults();
  await running.settled(events.length);
  expect(running.engine.ready).toBe(true);
  expect(running.counts.delivered).toBe(events.length);
});
