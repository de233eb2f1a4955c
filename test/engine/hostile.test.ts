/** Whatever comes over the stream ends as an outcome: no crash, no stall, nothing unsettled, nothing without bound. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { expect, inject, test, vi } from 'vitest';
import { RunningEngine } from '../running-engine.ts';
import { hostilePayload } from './hostile-payloads.ts';

const natsUrl = inject('natsUrl');

const rule = {
  events: {
    select: [{ event: 'Purchase', where: 'event_properties.price > 0' }, 'Viewed'],
    filter:
      '$exists($identifier) and ($exists(event_properties.name) ? $not($contains($string(event_properties.name), "drop")) : true)',
    properties: [
      'event_properties.price',
      'event_properties.constructor',
      'event_properties.items',
      'user_properties.plan',
      { expr: 'event_properties.price * event_properties.quantity', as: 'total' },
      { expr: '$sum(event_properties.items.price)', as: 'sum' },
      { expr: '$uppercase(event_properties.name)', as: 'shout' },
    ],
  },
  users: { properties: ['plan', 'points', 'items', 'constructor'] },
  batch: { maxWaitMs: 10 },
};
/** What no healthy engine comes near: a loop that hangs on one event, or memory that grows with what was seen. */
const longestStallMs = 10_000;
const mostMemoryBytes = 1.5e9;

/** How many events a payload holds, as the documentation of the inputs has it. */
function eventsIn(payload: Uint8Array): number {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload));
  } catch {
    return 1;
  }
  if (Array.isArray(value)) return value.length;
  const { event_type: type, user_properties: properties, events } = (value ?? {}) as Record<string, unknown>;
  const isRecord = typeof properties === 'object' && properties !== null && !Array.isArray(properties);
  const isEvent = typeof type === 'string' ? type !== '' : type === undefined && isRecord;
  return Array.isArray(events) && !isEvent ? events.length : 1;
}

/** Sums that must agree once all is settled. */
async function expectAllAccounted(running: RunningEngine, events: number): Promise<void> {
  await running.settled(events, 60_000);
  const { counts, delivered, discarded, inFlight, credits } = running.counts;
  expect(counts.received).toBe(events);
  expect(delivered + counts.filtered + discarded).toBe(events);
  expect(inFlight).toBe(0);
  expect(running.engine.health).toEqual([{ sync: running.sync.name, trouble: null }]);
  expect(await running.deadLetterCount()).toBe(discarded);
  await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 10_000 });
  await vi.waitFor(() => expect(credits?.free).toBeGreaterThan(0), { timeout: 10_000 });
}

test('hostile events end as outcomes, the sums agree, memory and the event loop stay within bounds', async () => {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  await using running = await RunningEngine.start({ natsUrl, rule });
  let events = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(hostilePayload, { minLength: 20, maxLength: 60 }), async (payloads) => {
      events += payloads.reduce((sum, payload) => sum + eventsIn(payload), 0);
      await running.publish(...payloads);
      await running.settled(events, 20_000);
    }),
    // What was sent before has its effect on what follows, so that a smaller example would be another one.
    { numRuns: 40, endOnFailure: true },
  );
  await expectAllAccounted(running, events);
  expect(running.counts.delivered).toBeGreaterThan(50);
  expect(running.counts.discarded).toBeGreaterThan(50);
  const [stallMs, rssBytes] = [delays.max / 1e6, process.memoryUsage.rss()];
  console.log(`${events} hostile events: longest stall ${stallMs.toFixed(0)} ms, RSS ${Math.round(rssBytes / 1e6)} MB`);
  expect(stallMs).toBeLessThan(longestStallMs);
  expect(rssBytes).toBeLessThan(mostMemoryBytes);
}, 120_000);

const kilobyte = 'x'.repeat(1_000);
const large: readonly (readonly [name: string, payload: string])[] = [
  [
    'a name of three megabytes',
    `{"event_type":"Viewed","user_id":"u-1","event_properties":{"name":"${kilobyte.repeat(3_000)}"}}`,
  ],
  ['a user of one megabyte', `{"event_type":"Viewed","user_id":"${kilobyte.repeat(1_000)}"}`],
  ['a type of one megabyte', `{"event_type":"${kilobyte.repeat(1_000)}","user_id":"u-1"}`],
  [
    'a hundred thousand properties',
    `{"event_type":"Viewed","user_id":"u-1","user_properties":{${Array.from({ length: 100_000 }, (_, index) => `"p${index}":${index}`).join()}}}`,
  ],
  [
    'a list of half a million numbers that is selected',
    `{"event_type":"Viewed","user_id":"u-1","event_properties":{"items":[${'1,'.repeat(500_000)}1]}}`,
  ],
  ['a million levels', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`],
  ['a million levels that are not closed', '{"a":'.repeat(1_000_000)],
  [
    'twenty thousand events',
    `[${Array.from({ length: 20_000 }, (_, index) => `{"event_type":"Viewed","user_id":"u-${index % 500}"}`).join()}]`,
  ],
  ['ten thousand things that are no events', `[${'0,'.repeat(9_999)}0]`],
];

test.concurrent.for(large)(
  '%s end as outcomes, and the next event is delivered',
  { timeout: 120_000 },
  async ([, payload]) => {
    await using running = await RunningEngine.start({ natsUrl, rule });
    await running.publish(payload, { event_type: 'Viewed', user_id: 'good' });
    await expectAllAccounted(running, eventsIn(Buffer.from(payload)) + 1);
    await running.simulator.settled();
    expect(running.simulator.eventsOf('good')).toHaveLength(1);
  },
);
