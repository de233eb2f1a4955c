import { expect, inject, test, vi } from 'vitest';
import { RunningEngine } from '../running-engine.ts';

const natsUrl = inject('natsUrl');

const good = { event_type: 'Purchase', user_id: 'u-1', time: 1_760_000_000_000, event_properties: { seq: 1 } };

/** The engine's outcome counts for one payload that is followed by a good event. */
async function outcomeOf(payload: unknown, rule: Record<string, unknown> = {}) {
  const running = await RunningEngine.start({ natsUrl, rule });
  await running.publish(payload, good);
  await running.simulator.waitFor(() => running.simulator.counts().accepted.events > 0);
  await running.settled(2);
  return running;
}

test.concurrent.for([
  ['text that is not JSON', '{"event_type": "Purchase"', 'invalid_json'],
  ['an empty payload', '', 'invalid_json'],
  ['bytes that are not text', Uint8Array.of(0xff, 0xfe, 0x00), 'invalid_json'],
  ['null', 'null', 'invalid_event'],
  ['a number', '42', 'invalid_event'],
  ['an object that is no event', '{"hello":"world"}', 'invalid_event'],
  ['an event without an identifier', { event_type: 'Purchase', user_id: null }, 'unresolved_identifier'],
] as const)('%s is a dead letter with its bytes, and the next event is delivered', async ([, payload, reason]) => {
  await using running = await outcomeOf(payload);
  expect(running.counts.counts.discarded).toEqual({ [reason]: 1 });
  expect(running.counts.delivered).toBe(1);

  const [letter, ...others] = await running.deadLetters();
  expect(others).toEqual([]);
  const text = payload instanceof Uint8Array ? new TextDecoder().decode(payload) : payload;
  expect(letter?.payload).toBe(typeof text === 'string' ? text : JSON.stringify(text));
  expect(letter?.headers).toMatchObject({
    'Sluice-Sync': running.sync.name,
    'Sluice-Reason': reason,
    'Sluice-Detail': expect.stringMatching(/\w/),
    'Sluice-Attempts': '0',
    'Sluice-Stream': running.stream.name,
    'Sluice-Subject': `${running.stream.name}.events`,
    'Sluice-Sequence': '1',
    'Sluice-Index': '0',
    'Sluice-Time': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

test.concurrent('an event of one megabyte is delivered, without what is not selected', async () => {
  await using running = await outcomeOf({ ...good, event_properties: { seq: 2, note: 'x'.repeat(1_000_000) } });
  expect(running.counts.delivered).toBe(2);
});

test.concurrent('an event whose selected property is larger than Braze takes is a dead letter with what Braze said', async () => {
  const large = { ...good, event_properties: { note: 'x'.repeat(1_000_000) } };
  await using running = await outcomeOf(large, { events: { properties: ['event_properties.note'] } });
  expect(running.counts.counts.discarded).toEqual({ rejected: 1 });
  const [letter] = await running.deadLetters();
  expect(letter?.headers['Sluice-Detail']).toMatch(/properties/);
  expect(Number(letter?.headers['Sluice-Attempts'])).toBeGreaterThan(0);
});

test.concurrent('5,000 nested levels are delivered where they are not selected', async () => {
  const nested = `{"event_type":"Purchase","user_id":"u-1","event_properties":{"seq":2,"deep":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`;
  await using running = await outcomeOf(nested);
  expect(running.counts.delivered).toBe(2);
});

test.concurrent('5,000 nested levels that are selected end as an outcome, and the engine goes on', async () => {
  const nested = `{"event_type":"Purchase","user_id":"u-1","event_properties":{"deep":${'['.repeat(5_000)}1${']'.repeat(5_000)}}}`;
  await using running = await outcomeOf(nested, { events: { properties: ['event_properties.deep'] } });
  expect(running.counts.delivered + running.counts.discarded).toBe(2);
});

test.concurrent('a filter that fails on an event makes it a dead letter with the error code of JSONata', async () => {
  const rule = { events: { filter: 'event_properties.seq > 0' } };
  await using running = await outcomeOf({ ...good, event_properties: { seq: 'many' } }, rule);
  const [letter] = await running.deadLetters();
  expect(letter?.headers).toMatchObject({ 'Sluice-Reason': 'filter_error', 'Sluice-Detail': 'T2009' });
});

test.concurrent.for([
  ['', 0],
  ['large ', 5_000],
] as const)(
  'of a %smessage of many events the bad ones are dead letters by themselves, exactly as they came',
  async ([, size]) => {
    await using running = await RunningEngine.start({ natsUrl });
    const bad = '{ "event_type" : "Purchase", "user_id": "", "n": 12345678901234567890 }';
    const space = ' '.repeat(size);
    await running.publish(
      `{"api_key":"k",${space}"events":[${JSON.stringify(good)}, ${bad} ,7,${JSON.stringify(good)}]}`,
    );
    await running.settled(4);

    expect(running.counts.delivered).toBe(2);
    const letters = await running.deadLetters();
    expect(new Set(letters.map(({ payload }) => payload))).toEqual(new Set(['7', bad]));
    expect(new Set(letters.map(({ headers }) => headers['Sluice-Index']))).toEqual(new Set(['1', '2']));
    await vi.waitFor(async () => expect((await running.consumer()).num_ack_pending).toBe(0), { timeout: 10_000 });
  },
);

test.concurrent('a message without events is acked', async () => {
  await using running = await RunningEngine.start({ natsUrl });
  await running.publish('[]', '{"events":[]}', good);
  await running.settled(1);
  await vi.waitFor(async () => expect((await running.consumer()).ack_floor.stream_seq).toBe(3), { timeout: 10_000 });
});
