import { expect, test } from 'vitest';
import { dryRun } from '../../src/syncs/dry-run.ts';
import { sampleSync } from './sample-sync.ts';

const time = Date.UTC(2026, 0, 31, 9);
const purchase = { event_type: 'Purchase', user_id: 'u-1', time, event_properties: { price: 5 } };

async function run(rule: Readonly<Record<string, unknown>>, ...messages: readonly unknown[]) {
  const payloads = messages.map((message) =>
    Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)),
  );
  const { requests, ...rest } = await dryRun(sampleSync(rule), payloads);
  return { ...rest, requests: requests.map((body) => JSON.parse(body) as { events: Record<string, unknown>[] }) };
}

/** The events of each request, each as its user and its number. */
async function orderOf(rule: Readonly<Record<string, unknown>>, users: readonly string[]): Promise<string[][]> {
  const events = users.map((user_id, seq) => ({ ...purchase, user_id, event_properties: { seq } }));
  const properties = ['event_properties.seq'];
  const { requests } = await run({ events: { select: ['*'], properties }, ...rule }, ...events);
  return requests.map(({ events }) =>
    events.map(({ external_id, properties }) => `${String(external_id)}${String((properties as { seq: number }).seq)}`),
  );
}

test('no messages make no requests', async () => {
  expect(await run({})).toEqual({ requests: [], outcomes: [], leftOut: [] });
});

test('a request is the body that Braze would get', async () => {
  const { requests, outcomes } = await run(
    { events: { select: ['*'], properties: ['event_properties.price'] } },
    purchase,
  );
  expect(requests).toEqual([
    {
      events: [
        {
          external_id: 'u-1',
          app_id: 'app-1',
          name: 'Purchase',
          time: '2026-01-31T09:00:00.000Z',
          properties: { price: 5 },
        },
      ],
    },
  ]);
  expect(outcomes).toEqual([{ index: 0, outcome: 'delivered' }]);
});

test('outcomes are those of the events, counted over all messages', async () => {
  const { outcomes } = await run(
    { events: { select: ['Purchase'] } },
    [purchase, { ...purchase, event_type: 'Other' }, null],
    { events: [] },
    'not JSON',
    { ...purchase, user_id: null },
    { events: [purchase] },
  );
  expect(outcomes).toEqual([
    { index: 0, outcome: 'delivered' },
    { index: 1, outcome: 'filtered' },
    { index: 2, outcome: 'discarded', reason: 'invalid_event', detail: 'an event is a JSON object, not null' },
    { index: 3, outcome: 'discarded', reason: 'invalid_json', detail: 'the payload is not JSON' },
    { index: 4, outcome: 'discarded', reason: 'unresolved_identifier', detail: 'user_id has no value' },
    { index: 5, outcome: 'delivered' },
  ]);
});

test('a filter that fails on an event says its code', async () => {
  const { outcomes, requests } = await run({ events: { select: ['*'], filter: 'event_type > 3' } }, purchase);
  expect(outcomes).toEqual([{ index: 0, outcome: 'discarded', reason: 'filter_error', detail: 'T2009' }]);
  expect(requests).toEqual([]);
});

test('computed properties that fail are named by their codes', async () => {
  const properties = [{ expr: 'event_type * 2', as: 'twice' }];
  const { leftOut, outcomes } = await run({ events: { select: ['*'], properties } }, purchase, purchase);
  expect(leftOut).toEqual(['T2001', 'T2001']);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
});

test('requests are as full as the batch allows, in the order of the events', async () => {
  expect(await orderOf({ batch: { maxObjects: 2 } }, ['a', 'b', 'c', 'd', 'e'])).toEqual([
    ['a0', 'b1'],
    ['c2', 'd3'],
    ['e4'],
  ]);
});

test('the order of a user is kept, however few a request holds', async () => {
  const requests = await orderOf({ batch: { maxObjects: 2 } }, ['a', 'a', 'a', 'b', 'a', 'b', 'b']);
  expect(requests.every((request) => request.length <= 2)).toBe(true);
  for (const user of ['a', 'b']) {
    const sent = requests.flat().filter((event) => event.startsWith(user));
    expect(sent).toEqual(user === 'a' ? ['a0', 'a1', 'a2', 'a4'] : ['b3', 'b5', 'b6']);
  }
});

test('the same messages always make the same requests, whatever the waits and the concurrency', async () => {
  const users = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? 'hot' : `u-${index % 40}`));
  const first = await orderOf({}, users);
  expect(first.flat()).toHaveLength(200);
  expect(await orderOf({}, users)).toEqual(first);
  expect(await orderOf({ batch: { maxWaitMs: 1 }, delivery: { concurrency: 1 } }, users)).toEqual(first);
});

test('it ends at once, however long a batch waits', async () => {
  const { outcomes } = await run({ batch: { maxWaitMs: 2 ** 31 - 1 } }, purchase);
  expect(outcomes).toEqual([{ index: 0, outcome: 'delivered' }]);
});
