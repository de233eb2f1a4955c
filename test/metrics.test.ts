import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { discarded, filtered, type Outcome, returned } from '../src/core/message.ts';
import { Metrics } from '../src/metrics.ts';

const first: Outcome = { kind: 'delivered', attempts: 1 };
const retried: Outcome = { kind: 'delivered', attempts: 3 };

/** The samples of Prometheus' text: name and labels, and the value. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** A sync that has told everything that it can tell. */
function busy(): Metrics {
  const metrics = new Metrics();
  const sync = metrics.of('purchases');
  sync.received(9);
  const outcomes = [
    first,
    first,
    retried,
    filtered,
    returned,
    discarded('rejected', 'no user u-1'),
    discarded('expired', ''),
  ];
  for (const outcome of outcomes) sync.settled(outcome, Date.now());
  for (const status of [201, 200] as const) sync.answered(status, 75, 74);
  for (const status of [429, 'failed'] as const) sync.answered(status, 75, 0);
  sync.retried('rate_limited');
  sync.propertyLeftOut('T2001');
  sync.holding('Braze answered 401');
  sync.credits = { free: 998 };
  sync.pending = 12;
  sync.userUpdated(2);
  sync.userUpdated(3);
  sync.userUnchanged();
  sync.attributesAccepted(5);
  sync.attributesConfirmed(4);
  sync.confirmationFailed('Braze answered with 403');
  sync.valueReported('too_large');
  sync.states = { hits: 3, misses: 1, size: 4 };
  sync.lettersBlocked = true;
  metrics.deadLetters = { letters: 5, bytes: 900, maxBytes: 1_000, maxAgeMs: 60_000, oldestAt: 1_500 };
  return metrics;
}

test('each metric has its documented name, labels and value', async () => {
  const samples = samplesOf(await busy().text());
  const plain = [...samples].filter(([name]) => !/_(bucket|sum)\{/.test(name));
  expect(Object.fromEntries(plain)).toEqual({
    'sluice_events_received_total{sync="purchases"}': 9,
    'sluice_events_delivered_total{sync="purchases",attempt="first"}': 2,
    'sluice_events_delivered_total{sync="purchases",attempt="retry"}': 1,
    'sluice_events_filtered_total{sync="purchases"}': 1,
    'sluice_events_discarded_total{sync="purchases",reason="rejected"}': 1,
    'sluice_events_discarded_total{sync="purchases",reason="expired"}': 1,
    'sluice_events_returned_total{sync="purchases"}': 1,
    'sluice_events_in_flight{sync="purchases"}': 2,
    'sluice_credits_free{sync="purchases"}': 998,
    'sluice_consumer_pending{sync="purchases"}': 12,
    'sluice_sync_holding{sync="purchases"}': 1,
    'sluice_destination_unreachable{sync="purchases"}': 0,
    'sluice_dead_letters_blocked{sync="purchases"}': 1,
    sluice_dead_letters: 5,
    sluice_dead_letters_bytes: 900,
    sluice_dead_letters_max_bytes: 1_000,
    sluice_dead_letters_oldest_timestamp_seconds: 1.5,
    'sluice_requests_total{sync="purchases",status="2xx"}': 2,
    'sluice_requests_total{sync="purchases",status="4xx"}': 1,
    'sluice_requests_total{sync="purchases",status="failed"}': 1,
    'sluice_retries_total{sync="purchases",reason="rate_limited"}': 1,
    sluice_rules_reload_failures_total: 0,
    sluice_rules_reloads_total: 0,
    'sluice_properties_left_out_total{sync="purchases",reason="T2001"}': 1,
    'sluice_user_updates_total{sync="purchases"}': 2,
    'sluice_user_attributes_total{sync="purchases"}': 5,
    'sluice_user_attributes_accepted_total{sync="purchases"}': 5,
    'sluice_user_attributes_confirmed_total{sync="purchases"}': 4,
    'sluice_user_confirmations_failed_total{sync="purchases"}': 1,
    'sluice_user_updates_suppressed_total{sync="purchases"}': 1,
    'sluice_user_values_altered_total{sync="purchases",why="too_large"}': 1,
    'sluice_user_state_reads_total{sync="purchases",from="cache"}': 3,
    'sluice_user_state_reads_total{sync="purchases",from="bucket"}': 1,
    'sluice_user_states_cached{sync="purchases"}': 4,
    'sluice_delivery_latency_seconds_count{sync="purchases"}': 3,
    'sluice_request_objects_count{sync="purchases"}': 4,
  });
  expect(samples.get('sluice_request_objects_sum{sync="purchases"}')).toBe(300);
  expect(samples.get('sluice_request_objects_bucket{le="74",sync="purchases"}')).toBe(0);
  expect(samples.get('sluice_request_objects_bucket{le="75",sync="purchases"}')).toBe(4);
});

test('each metric says what it is, in the text format of Prometheus', async () => {
  const metrics = busy();
  const text = await metrics.text();
  const names = [...text.matchAll(/^# TYPE (\S+) (counter|gauge|histogram)$/gm)].map(([, name]) => name);
  for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
  expect(names).toHaveLength(33);
  expect(metrics.contentType).toMatch(/^text\/plain/);
});

test('no label names a user, and nothing of an event is shown', async () => {
  const text = await busy().text();
  const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label));
  expect(labels).toEqual(new Set(['sync', 'attempt', 'reason', 'status', 'why', 'from', 'le']));
  expect(text).not.toContain('u-1');
});

test('requests, their objects, and those that were accepted are counted', () => {
  expect(busy().of('purchases').counts).toMatchObject({ requests: 4, objects: 300, accepted: 148 });
});

test('asking twice shows the same counts', async () => {
  const metrics = busy();
  expect(await metrics.text()).toBe(await metrics.text());
});

test('what is not known is not shown', async () => {
  const metrics = new Metrics();
  expect([...samplesOf(await metrics.text()).keys()]).toEqual([
    'sluice_rules_reloads_total',
    'sluice_rules_reload_failures_total',
  ]);
  const sync = metrics.of('purchases');
  expect(await metrics.text()).not.toMatch(/^sluice_(credits_free|consumer_pending)\{/m);
  sync.pending = 7;
  expect(await metrics.text()).toContain('sluice_consumer_pending{sync="purchases"} 7');
  sync.pending = undefined;
  expect(await metrics.text()).not.toMatch(/^sluice_consumer_pending\{/m);
  metrics.deadLetters = { letters: 0, bytes: 0, maxBytes: undefined, maxAgeMs: undefined, oldestAt: undefined };
  expect(await metrics.text()).not.toMatch(/^sluice_dead_letters_(max_bytes|oldest)/m);
});

test('a sync shows zeros before anything happened', async () => {
  const metrics = new Metrics();
  metrics.of('purchases');
  const samples = samplesOf(await metrics.text());
  expect(samples.get('sluice_events_received_total{sync="purchases"}')).toBe(0);
  expect(samples.get('sluice_events_delivered_total{sync="purchases",attempt="first"}')).toBe(0);
  expect(samples.get('sluice_events_in_flight{sync="purchases"}')).toBe(0);
  expect(samples.get('sluice_sync_holding{sync="purchases"}')).toBe(0);
});

test('syncs are counted apart, and a sync of the same name counts on', async () => {
  const metrics = new Metrics();
  metrics.of('a').received(1);
  metrics.of('b').received(10);
  metrics.of('a').received(2);
  expect(metrics.of('a').counts.received).toBe(3);
  const samples = samplesOf(await metrics.text());
  expect(samples.get('sluice_events_received_total{sync="a"}')).toBe(3);
  expect(samples.get('sluice_events_received_total{sync="b"}')).toBe(10);
});

test('received is always delivered, filtered, discarded, returned and in flight together', () => {
  const outcome = fc.constantFrom(
    first,
    retried,
    filtered,
    returned,
    discarded('rejected', ''),
    discarded('expired', ''),
  );
  const step = fc.oneof(fc.nat({ max: 5 }), outcome);
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const sync = new Metrics().of('purchases');
      let open = 0;
      for (const step of steps) {
        if (typeof step === 'number') {
          sync.received(step);
          open += step;
        } else if (open > 0) {
          sync.settled(step, 0);
          open--;
        }
        const { received, filtered, returned } = sync.counts;
        expect(sync.inFlight).toBe(open);
        expect(received).toBe(sync.delivered + filtered + sync.discarded + returned + sync.inFlight);
      }
    }),
  );
});

describe('the latency of a delivery', () => {
  const now = Date.UTC(2026, 0, 31, 9);

  test('is from when the stream stored the event, and is told in milliseconds', async () => {
    vi.useFakeTimers({ now });
    try {
      const metrics = new Metrics();
      const sync = metrics.of('purchases');
      const heard: number[] = [];
      sync.onLatency = (ms) => heard.push(ms);
      sync.settled(first, now - 1_500);
      sync.settled(retried, now + 60_000);
      sync.settled(filtered, now - 9_000);
      expect(heard).toEqual([1_500, 0]);
      const samples = samplesOf(await metrics.text());
      expect(samples.get('sluice_delivery_latency_seconds_sum{sync="purchases"}')).toBe(1.5);
      expect(samples.get('sluice_delivery_latency_seconds_count{sync="purchases"}')).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('holding is told when it begins, changes and ends, and not again while it lasts', async () => {
  const metrics = new Metrics();
  const sync = metrics.of('purchases');
  const onHolding = vi.fn<(reason: string | null) => void>();
  sync.onHolding = onHolding;
  for (const reason of [null, '401', '401', '403', null, null]) sync.holding(reason);
  expect(onHolding.mock.calls.flat()).toEqual(['401', '403', null]);
  expect(sync.held).toBeNull();
  expect(await metrics.text()).toContain('sluice_sync_holding{sync="purchases"} 0');
});

test('a reload with a wrong rule is counted and names the file, until it is mended', async () => {
  const metrics = new Metrics();
  metrics.reloads.reloaded(['rules/a.yaml']);
  expect(samplesOf(await metrics.text())).toEqual(
    new Map([
      ['sluice_rules_reloads_total', 1],
      ['sluice_rules_reload_failures_total', 1],
      ['sluice_rules_file_invalid{file="rules/a.yaml"}', 1],
    ]),
  );
  metrics.reloads.reloaded([]);
  expect(samplesOf(await metrics.text())).toEqual(
    new Map([
      ['sluice_rules_reloads_total', 2],
      ['sluice_rules_reload_failures_total', 1],
    ]),
  );
});
