import { Subject } from 'rxjs';
import { expect, test, vi } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import { discarded, type Envelope, filtered, type Message, type Outcome, returned } from '../../src/core/message.ts';
import { Metrics } from '../../src/metrics.ts';
import { identifierOf } from '../../src/operators/identify.ts';
import { type Followed, type FollowOptions, followUsers } from '../../src/profiles/follow.ts';
import { identifierKey, userKeyOf } from '../../src/profiles/key.ts';
import { readState, type State, writeState } from '../../src/profiles/state.ts';
import { ProfileStore } from '../../src/profiles/store.ts';
import { encodeUpdate } from '../../src/sinks/braze/request.ts';
import { RecordedEnvelope } from '../recorded-message.ts';
import { sampleSync } from '../syncs/sample-sync.ts';
import { at, event, identify, selecting } from './braze-user.ts';
import { ControlledBucket } from './controlled-bucket.ts';
import { idle } from './idle.ts';

const delivered: Outcome = { kind: 'delivered', attempts: 1 };
const expired = discarded('expired', 'older than giveUpAfterMs', 3);
const rejected = discarded('rejected', 'Braze does not take it', 1);

/** Follows the users of the events that are given to `take`. */
function following(options: Partial<FollowOptions> = {}, bucket = new ControlledBucket()) {
  const selection = options.selection ?? selecting(['plan', 'visits'], { createUsers: false });
  const abort = new AbortController();
  const store = new ProfileStore<State>({
    bucket,
    cacheSize: 100,
    format: (state) => writeState(selection, state),
    parse: (text) => {
      const parsed = readState(selection, text);
      return 'state' in parsed ? parsed.state : undefined;
    },
    abort: abort.signal,
    onTrouble: () => undefined,
  });
  const telemetry = new Metrics().of('sample');
  const told = {
    updated: vi.spyOn(telemetry, 'userUpdated'),
    unchanged: vi.spyOn(telemetry, 'userUnchanged'),
    reported: vi.spyOn(telemetry, 'valueReported'),
  };
  const sequences = new Map<Message, number>();
  const source = new Subject<Envelope<AmplitudeEvent>>();
  const all: Followed[] = [];
  source
    .pipe(
      followUsers({
        selection,
        store,
        send: true,
        tellsWritten: false,
        identifierOf: identifierOf('user_id', { trim: false }),
        positionOf: ({ message }) => at(sequences.get(message) ?? 0),
        encodeUpdate: encodeUpdate(sampleSync().destination),
        telemetry,
        ...options,
      }),
    )
    .subscribe((followed) => all.push(followed));
  return {
    bucket,
    abort,
    told,
    all,
    /** Hands an event in, once its state is loaded. */
    take: async (value: AmplitudeEvent, sequence = sequences.size + 1) => {
      const envelope = new RecordedEnvelope(value);
      sequences.set(envelope.message, sequence);
      const before = all.length;
      source.next(envelope);
      await idle();
      const followed = all[before];
      return { envelope, event: followed?.event, update: followed?.update };
    },
  };
}

/** What is written of a user: the values by name, and what is owed. */
async function writtenOf(bucket: ControlledBucket, key = identifierKey('u')) {
  const text = await bucket.written(key);
  if (text === null) return null;
  const { p, u } = JSON.parse(text) as { p?: unknown; u?: unknown };
  return { values: p, ...(u !== undefined && { unsent: u }) };
}

test('a change becomes an update, and the event goes on by itself', async () => {
  const { take, told } = following();
  const value = event({ plan: 'pro' });
  const taken = await take(value);
  expect(taken.update?.value).toMatchObject({ kind: 'update', user: 'u', json: '{"external_id":"u","plan":"pro"}' });
  expect(taken.event?.value).toBe(value);
  expect(told.updated.mock.calls).toEqual([[1]]);
});

test.each([
  [delivered, filtered, delivered],
  [delivered, delivered, delivered],
  [delivered, rejected, { ...rejected, accepted: 'update' }],
  [rejected, delivered, { ...rejected, accepted: 'event' }],
  [filtered, filtered, filtered],
  [delivered, returned, returned],
  [returned, delivered, returned],
])('an update and its event are settled as one: %j and %j are %j', async (ofUpdate, ofEvent, ofBoth) => {
  const first = await following().take(event({ plan: 'pro' }));
  first.update?.settle(ofUpdate);
  await idle();
  expect(first.envelope.outcome).toBeUndefined();
  first.event?.settle(ofEvent);
  expect(first.envelope.outcome).toEqual(ofBoth);

  const second = await following().take(event({ plan: 'pro' }));
  second.event?.settle(ofEvent);
  expect(second.envelope.outcome).toBeUndefined();
  second.update?.settle(ofUpdate);
  await vi.waitFor(() => expect(second.envelope.outcome).toEqual(ofBoth));
});

test('the state is written after the update is delivered and before the event is settled', async () => {
  const { take, bucket } = following();
  const { envelope, event: ofEvent, update } = await take(event({ plan: 'pro' }));
  ofEvent?.settle(delivered);
  await idle();
  expect(bucket.writes).toEqual([]);
  bucket.held = true;
  update?.settle(delivered);
  await idle();
  expect(bucket.waiting).toBe(1);
  expect(envelope.outcome).toBeUndefined();
  bucket.release();
  await vi.waitFor(() => expect(envelope.outcome).toEqual(delivered));
  expect(await writtenOf(bucket)).toEqual({ values: { plan: 'pro' } });
});

test('what is given back is not written, nor what came after it, and nothing stays open', async () => {
  const { take, bucket } = following({ selection: selecting(['plan'], { keep: ['crm'], createUsers: false }) });
  const first = await take(identify({ $set: { plan: 'pro' } }));
  // Nothing is sent of it: it waits for the one before.
  const second = await take(identify({ $set: { crm: 'c' } }));
  for (const { event: ofEvent } of [first, second]) ofEvent?.settle(filtered);
  expect(second.envelope.outcome).toBeUndefined();
  first.update?.settle(returned);
  await idle();
  expect([first.envelope.outcome, second.envelope.outcome]).toEqual([returned, returned]);
  expect(bucket.writes).toEqual([]);
});

test('what Braze refused is written as if it had it: it would be refused again', async () => {
  const { take, bucket } = following();
  const { envelope, event: ofEvent, update } = await take(event({ plan: 'pro' }));
  ofEvent?.settle(delivered);
  update?.settle(rejected);
  await vi.waitFor(() => expect(envelope.outcome).toEqual({ ...rejected, accepted: 'event' }));
  expect(await writtenOf(bucket)).toEqual({ values: { plan: 'pro' } });
});

test('what expired is owed: it goes along with the next update of the user', async () => {
  const { take, bucket } = following();
  const { envelope, event: ofEvent, update } = await take(event({ plan: 'pro' }));
  ofEvent?.settle(filtered);
  update?.settle(expired);
  await vi.waitFor(() => expect(envelope.outcome).toEqual(expired));
  expect(await writtenOf(bucket)).toEqual({ values: { plan: 'pro' }, unsent: ['plan'] });

  const next = await take(event({ visits: 1 }));
  expect(next.update?.value.attributes).toEqual({ plan: 'pro', visits: 1 });
  next.event?.settle(filtered);
  next.update?.settle(delivered);
  await vi.waitFor(() => expect(next.envelope.outcome).toEqual(delivered));
  expect(await writtenOf(bucket)).toEqual({ values: { plan: 'pro', visits: 1 } });
});

test('what expired is owed although the next update was under way already', async () => {
  const { take, bucket } = following();
  const first = await take(event({ plan: 'pro' }));
  const second = await take(event({ visits: 1 }));
  first.update?.settle(expired);
  second.update?.settle(delivered);
  for (const { event: ofEvent } of [first, second]) ofEvent?.settle(filtered);
  await vi.waitFor(() => expect(second.envelope.outcome).toEqual(delivered));
  expect(first.envelope.outcome).toEqual(expired);
  expect(await writtenOf(bucket)).toEqual({ values: { plan: 'pro', visits: 1 }, unsent: ['plan'] });
  expect((await take(event({ visits: 2 }))).update?.value.attributes).toEqual({ plan: 'pro', visits: 2 });
});

test('an event that changes nothing passes as it is, and is counted', async () => {
  const { take, told, bucket } = following();
  const first = await take(event({ plan: 'pro' }));
  first.update?.settle(delivered);
  const same = await take(event({ plan: 'pro' }));
  expect(same.update).toBeUndefined();
  same.event?.settle(delivered);
  expect(same.envelope.outcome).toEqual(delivered);
  expect(told.unchanged).toHaveBeenCalledTimes(1);
  await idle();
  expect(bucket.writes).toHaveLength(1);
});

test('an event that comes again changes nothing', async () => {
  const { take } = following();
  const first = await take(identify({ $add: { visits: 1 } }), 7);
  first.update?.settle(delivered);
  const again = await take(identify({ $add: { visits: 1 } }), 7);
  expect(again.update).toBeUndefined();
  expect((await take(identify({ $add: { visits: 1 } }), 8)).update?.value.attributes).toEqual({ visits: 2 });
});

test('the events of a cold user are taken in order, with one read', async () => {
  const { all, take, bucket } = following();
  bucket.held = true;
  const values = ['free', 'pro', 'free'].map((plan) => event({ plan }));
  const taken = values.map((value) => take(value));
  await Promise.all(taken);
  expect(all).toEqual([]);
  bucket.release();
  await idle();
  expect(all.map(({ update }) => update?.value.attributes)).toEqual([
    { plan: 'free' },
    { plan: 'pro' },
    { plan: 'free' },
  ]);
  expect(bucket.reads).toEqual([identifierKey('u')]);
});

test('an event that says nothing of what is selected asks for no state', async () => {
  const { take, bucket } = following();
  for (const value of [event(), event({ other: 1 }), event({ plan: 'pro' }, { user_id: null })]) {
    const { envelope, event: ofEvent, update } = await take(value);
    expect(update).toBeUndefined();
    ofEvent?.settle(filtered);
    expect(envelope.outcome).toEqual(filtered);
  }
  expect(bucket.reads).toEqual([]);
  expect(bucket.writes).toEqual([]);
});

test('a user who has changed and has no identifier is discarded once, and not sent', async () => {
  const { take, told } = following({ identifierOf: identifierOf('amplitude_id', { trim: false }) });
  const { envelope, event: ofEvent, update } = await take(event({ plan: 'pro' }));
  expect(update).toBeUndefined();
  ofEvent?.settle(delivered);
  const unresolved = discarded('unresolved_identifier', 'the user has changed, and has no identifier');
  await vi.waitFor(() => expect(envelope.outcome).toEqual({ ...unresolved, accepted: 'event' }));
  expect(told.updated).not.toHaveBeenCalled();
});

test('all of a user is sent once the property that holds the identifier has a value', async () => {
  const read = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const selection = selecting(['plan'], { identifier: { property: 'crm', read }, createUsers: false });
  const { take, bucket } = following({ selection });
  const before = await take(event({ plan: 'pro' }));
  expect(before.update).toBeUndefined();
  before.event?.settle(filtered);
  await vi.waitFor(() => expect(before.envelope.outcome).toMatchObject({ reason: 'unresolved_identifier' }));

  const named = await take(event({ crm: 'c-1' }));
  expect(named.update?.value).toMatchObject({ user: 'c-1', attributes: { plan: 'pro' } });
  named.update?.settle(delivered);
  await idle();
  expect(await writtenOf(bucket, userKeyOf({ user_id: 'u' }))).toEqual({ values: { plan: 'pro', crm: 'c-1' } });
  expect((await take(event({ plan: 'free' }))).update?.value.user).toBe('c-1');
});

test('what is kept for events alone is written without an update, and counts as filtered', async () => {
  const selection = selecting(['plan'], { keep: ['crm'], createUsers: false });
  const { take, bucket, told } = following({ selection });
  const { envelope, event: ofEvent, update } = await take(event({ crm: 'c-1' }));
  expect(update).toBeUndefined();
  ofEvent?.settle(delivered);
  await vi.waitFor(() => expect(envelope.outcome).toEqual(delivered));
  expect(await writtenOf(bucket)).toEqual({ values: { crm: 'c-1' } });
  expect(told.unchanged).toHaveBeenCalledTimes(1);
});

test('events are given what the state keeps and they do not name', async () => {
  const selection = selecting([], { keep: ['plan', 'level'], createUsers: false });
  const { take, told } = following({ selection, send: false });
  await take(identify({ $set: { plan: 'pro', level: 1 } }));
  const plain = event(undefined, { user_properties: null });
  expect((await take(plain)).event?.value).toEqual({ ...plain, user_properties: { plan: 'pro', level: 1 } });
  const partly = event({ plan: 'free', other: 1 });
  expect((await take(partly)).event?.value).toEqual({
    ...partly,
    user_properties: { plan: 'free', other: 1, level: 1 },
  });
  expect(partly['user_properties']).toEqual({ plan: 'free', other: 1 });
  const without = await take(identify({ $unset: { plan: '-' } }));
  expect(without.event?.value['user_properties']).toEqual({ $unset: { plan: '-' }, level: 1 });
  expect(without.update).toBeUndefined();
  expect([told.updated, told.unchanged].flatMap((spy) => spy.mock.calls)).toEqual([]);
});

test('an update tells when its state is written, and when it is given up', async () => {
  const { take, bucket } = following({ tellsWritten: true });
  const told: string[] = [];
  const first = await take(event({ plan: 'pro' }));
  const second = await take(event({ plan: 'free' }));
  void first.update?.value.written?.then(() => told.push('first'));
  void second.update?.value.written?.then(() => told.push('second'));
  bucket.held = true;
  first.update?.settle(delivered);
  await vi.waitFor(() => expect(bucket.waiting).toBe(1));
  second.update?.settle(returned);
  await vi.waitFor(() => expect(told).toEqual(['second']));
  bucket.answer();
  await vi.waitFor(() => expect(told).toEqual(['second', 'first']));
});

test('a value that is not sent as it was said is told', async () => {
  const { take, told } = following();
  await take(event({ plan: 'x'.repeat(300) }));
  expect(told.reported).toHaveBeenCalledTimes(1);
});

test('an event whose state could not be read before the engine stopped is given back', async () => {
  const bucket = new ControlledBucket();
  bucket.failure = 'no responders';
  const { take, all, abort } = following({}, bucket);
  const { envelope } = await take(event({ plan: 'pro' }));
  expect(envelope.outcome).toBeUndefined();
  abort.abort();
  await vi.waitFor(() => expect(envelope.outcome).toEqual(returned));
  expect(all).toEqual([]);
});

test('an event whose state could not be written before the engine stopped is given back', async () => {
  const { take, bucket, abort } = following();
  const { envelope, event: ofEvent, update } = await take(event({ plan: 'pro' }));
  bucket.failure = 'no responders';
  ofEvent?.settle(delivered);
  update?.settle(delivered);
  await idle();
  expect(envelope.outcome).toBeUndefined();
  abort.abort();
  await vi.waitFor(() => expect(envelope.outcome).toEqual(returned));
});
