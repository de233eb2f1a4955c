import { EMPTY, from, lastValueFrom, Subject, throwError } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { discarded, filtered, returned } from '../../src/core/message.ts';
import { Metrics } from '../../src/metrics.ts';
import { compile } from '../../src/syncs/compile.ts';
import { jsonMessage, RecordedMessage } from '../recorded-message.ts';
import { RecordingSink } from './recording-sink.ts';
import { sampleSync } from './sample-sync.ts';

type Rule = Parameters<typeof sampleSync>[0];

const time = Date.UTC(2026, 0, 31, 9);
const purchase = {
  event_type: 'Purchase',
  user_id: 'u-1',
  time,
  event_properties: { price: 5, quantity: 2, url: '/home' },
  user_properties: { plan: 'gold', email: ' Ada@Example.com ' },
};
const sentPurchase = { external_id: 'u-1', app_id: 'app-1', name: 'Purchase', time: '2026-01-31T09:00:00.000Z' };
const delivered = { kind: 'delivered', attempts: 1 } as const;

function pipelineOf(rule: Rule = {}, abort: AbortSignal = new AbortController().signal) {
  const sync = sampleSync(rule);
  const sink = new RecordingSink(sync.destination);
  const telemetry = new Metrics().of('sample');
  const propertyLeftOut = vi.spyOn(telemetry, 'propertyLeftOut');
  return { sink, propertyLeftOut, pipeline: compile(sync, { sink, telemetry, abort }) };
}

/** What a sync makes of these events, each in a message of its own. */
async function run(rule: Rule, ...events: readonly unknown[]) {
  const { sink, propertyLeftOut, pipeline } = pipelineOf(rule);
  const messages = events.map(jsonMessage);
  await lastValueFrom(pipeline(from(messages)), { defaultValue: undefined });
  return {
    sent: sink.requests.flat(),
    requests: sink.requests,
    outcomes: messages.flatMap(({ outcomes }) => outcomes),
    leftOut: propertyLeftOut.mock.calls.flat(),
  };
}

test('an event makes the whole trip', async () => {
  const events = {
    select: [{ event: 'Purchase', where: 'event_properties.price > 3' }],
    filter: '$exists($identifier)',
    properties: [
      'event_properties.price',
      'user_properties.plan',
      { from: 'event_properties.url', as: 'page_url' },
      { expr: 'event_properties.(price * quantity)', as: 'total' },
    ],
  };
  expect(await run({ events }, purchase)).toMatchObject({
    sent: [{ ...sentPurchase, properties: { price: 5, plan: 'gold', page_url: '/home', total: 10 } }],
    outcomes: [delivered],
  });
});

test('an event that is not wanted is filtered, whether or not it has an identifier', async () => {
  const { sent, outcomes } = await run({ events: { select: ['Other'] } }, purchase, { ...purchase, user_id: null });
  expect(sent).toEqual([]);
  expect(outcomes).toEqual([filtered, filtered]);
});

test('an event that is wanted and has no identifier is discarded', async () => {
  const { outcomes } = await run({}, { ...purchase, user_id: null });
  expect(outcomes).toEqual([discarded('unresolved_identifier', 'user_id has no value')]);
});

test('a filter may ask for the identifier, so that what has none is not missed', async () => {
  const events = { select: ['*'], filter: '$exists($identifier)' };
  const { outcomes } = await run({ events }, { ...purchase, user_id: '(none)' });
  expect(outcomes).toEqual([filtered]);
});

test('a sync that sends no events filters all of them', async () => {
  const { sent, outcomes } = await run({ events: { send: false, select: ['*'] } }, purchase);
  expect({ sent, outcomes }).toEqual({ sent: [], outcomes: [filtered] });
});

test('a computed property that fails is told, and the event is sent without it', async () => {
  const events = { select: ['*'], properties: [{ expr: 'event_type * 2', as: 'x' }] };
  const { sent, leftOut } = await run({ events }, purchase);
  expect(sent).toEqual([sentPurchase]);
  expect(leftOut).toEqual(['T2001']);
});

test.each([
  ['external_id', {}, 'user_properties.plan', { external_id: 'gold' }],
  ['braze_id', {}, 'user_properties.plan', { braze_id: 'gold' }],
  ['email', {}, 'user_properties.email', { email: 'Ada@Example.com' }],
  ['external_id', {}, 'user_properties.email', { external_id: ' Ada@Example.com ' }],
  [
    'user_alias',
    { userAliasLabel: 'crm' },
    'user_properties.plan',
    { user_alias: { alias_name: 'gold', alias_label: 'crm' }, _update_existing_only: false },
  ],
] as const)('an event is addressed by %s', async (type, destination, property, address) => {
  const { sent } = await run({ destination, identifier: { type, property } }, purchase);
  expect(sent).toEqual([{ ...address, app_id: 'app-1', name: 'Purchase', time: '2026-01-31T09:00:00.000Z' }]);
});

test('a batch fills before it leaves, and what is left leaves at the end', async () => {
  const events = [1, 2, 3, 4, 5].map((number) => ({ ...purchase, user_id: `u-${number}` }));
  const { requests, outcomes } = await run({ batch: { maxObjects: 2, maxWaitMs: 60_000 } }, ...events);
  expect(requests.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(outcomes).toEqual([delivered, delivered, delivered, delivered, delivered]);
});

test('a batch that does not fill leaves when it has waited long enough', async () => {
  const { sink, pipeline } = pipelineOf({ batch: { maxWaitMs: 1 } });
  const source = new Subject<RecordedMessage>();
  const subscription = pipeline(source).subscribe();
  const message = jsonMessage(purchase);
  source.next(message);
  await vi.waitFor(() => expect(message.outcomes).toEqual([delivered]));
  expect(sink.requests).toEqual([[sentPurchase]]);
  subscription.unsubscribe();
  expect(source.observed).toBe(false);
});

test('one compiled sync can be run several times, each with its own state', async () => {
  const { sink, pipeline } = pipelineOf();
  for (let times = 0; times < 2; times++) {
    const message = jsonMessage(purchase);
    await lastValueFrom(pipeline(from([message])), { defaultValue: undefined });
    expect(message.outcomes).toEqual([delivered]);
  }
  expect(sink.requests).toHaveLength(2);
});

test('no messages make no requests; an error of the source is passed on', async () => {
  const { sink, pipeline } = pipelineOf();
  await lastValueFrom(pipeline(EMPTY), { defaultValue: undefined });
  await expect(lastValueFrom(pipeline(throwError(() => new Error('broken'))))).rejects.toThrow('broken');
  expect(sink.requests).toEqual([]);
});

test('after an abort all that comes is given back, except what is settled without the sink', async () => {
  const { sink, pipeline } = pipelineOf({ events: { select: ['Purchase'] } }, AbortSignal.abort());
  const messages = [jsonMessage(purchase), jsonMessage({ event_type: 'Other' }), new RecordedMessage('not JSON')];
  await lastValueFrom(pipeline(from(messages)), { defaultValue: undefined });
  expect(messages.flatMap(({ outcomes }) => outcomes)).toEqual([
    returned,
    filtered,
    discarded('invalid_json', 'the payload is not JSON'),
  ]);
  expect(sink.requests).toEqual([]);
});
