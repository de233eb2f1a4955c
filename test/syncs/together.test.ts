import { from, lastValueFrom, map, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { Entry } from '../../src/core/entry.ts';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import type { Envelope } from '../../src/core/message.ts';
import { Metrics } from '../../src/metrics.ts';
import { type InOrder, mapInOrder } from '../../src/operators/map-in-order.ts';
import { memoryBucket } from '../../src/profiles/memory-bucket.ts';
import type { Followed } from '../../src/profiles/follow.ts';
import { compile } from '../../src/syncs/compile.ts';
import { modesOf } from '../../src/syncs/expression-modes.ts';
import { together } from '../../src/syncs/together.ts';
import { userStates } from '../../src/syncs/user-states.ts';
import { entry, update } from '../operators/controlled-sink.ts';
import { jsonMessage, RecordedEnvelope } from '../recorded-message.ts';
import { RecordingSink } from './recording-sink.ts';
import { sampleSync } from './sample-sync.ts';

type Events = InOrder<Envelope<AmplitudeEvent>, Envelope<Entry>>;

const nameOf = (event: AmplitudeEvent): string => String(event['event_type']);
const entryOf = (envelope: Envelope<AmplitudeEvent>): Envelope<Entry> =>
  envelope.with(entry('u', `event ${nameOf(envelope.value)}`).value);
/** What sends no event that is called `unwanted`. */
const wanted = (envelope: Envelope<AmplitudeEvent>): Envelope<Entry> | undefined =>
  nameOf(envelope.value) === 'unwanted' ? undefined : entryOf(envelope);
const atOnce: Events = mapInOrder(wanted);
const afterATurn: Events = mapInOrder(async (envelope: Envelope<AmplitudeEvent>) => {
  await Promise.resolve();
  return wanted(envelope);
});
const nowAndThenLate: Events = mapInOrder((envelope: Envelope<AmplitudeEvent>) =>
  nameOf(envelope.value) === '3' ? Promise.resolve(wanted(envelope)) : wanted(envelope),
);

/** An event of this type, which changes its user or does not. */
function followed(type: string, changes: boolean): Followed {
  return {
    event: new RecordedEnvelope<AmplitudeEvent>({ event_type: type }),
    update: changes ? (update('u', `update ${type}`) as Followed['update']) : undefined,
  };
}

describe.each([
  ['events that are ready at once', atOnce],
  ['events that are late', afterATurn],
  ['events of which one is late', nowAndThenLate],
] as const)('%s', (_name, events) => {
  const sent = (...values: readonly Followed[]): Promise<string[]> =>
    lastValueFrom(
      from(values).pipe(
        together(events),
        map(({ value }) => value.json),
        toArray(),
      ),
    );

  test('the update of an event goes before it, and after all that came before', async () => {
    const values = [followed('1', true), followed('2', false), followed('3', true), followed('4', true)];
    expect(await sent(...values)).toEqual([
      'update 1',
      'event 1',
      'event 2',
      'update 3',
      'event 3',
      'update 4',
      'event 4',
    ]);
  });

  test('an event that is not sent leaves its update', async () => {
    expect(await sent(followed('unwanted', true), followed('unwanted', false), followed('3', true))).toEqual([
      'update unwanted',
      'update 3',
      'event 3',
    ]);
  });

  test('no events give nothing, and an error is passed on', async () => {
    expect(await sent()).toEqual([]);
    const source = throwError(() => new Error('the source broke'));
    await expect(lastValueFrom(source.pipe(together(events)))).rejects.toThrow('the source broke');
    const broken: Events = mapInOrder(() => {
      throw new Error('the events broke');
    });
    await expect(lastValueFrom(from([followed('1', true)]).pipe(together(broken)))).rejects.toThrow('the events broke');
  });

  test('whoever leaves lets the source go', () => {
    const source = new Subject<Followed>();
    const subscription = source.pipe(together(events)).subscribe();
    expect(source.observed).toBe(true);
    subscription.unsubscribe();
    expect(source.observed).toBe(false);
  });
});

test('nothing of a later event passes one that is not ready', async () => {
  const ready = Promise.withResolvers<void>();
  const events: Events = mapInOrder(async (envelope) => {
    if (nameOf(envelope.value) === '1') await ready.promise;
    return entryOf(envelope);
  });
  const passed: string[] = [];
  const done = lastValueFrom(
    from([followed('1', false), followed('2', true)]).pipe(
      together(events),
      map(({ value }) => passed.push(value.json)),
    ),
  );
  await new Promise(setImmediate);
  expect(passed).toEqual([]);
  ready.resolve();
  await done;
  expect(passed).toEqual(['event 1', 'update 2', 'event 2']);
});

test.each([
  ['compiled', 'event_properties.seq >= 0'],
  ['interpreted', '$not(items.%.* = "a")'],
] as const)('where all is %s, a sync sends the events and the updates of a user in order', async (mode, filter) => {
  const sync = sampleSync({ events: { select: ['Played'], filter }, users: { properties: ['level'] } });
  expect(modesOf(sync)[mode]).toBe(1);
  const abort = new AbortController().signal;
  const sink = new RecordingSink(sync.destination);
  const users = userStates(sync, {
    bucket: memoryBucket(),
    cacheSize: 10,
    streamMadeAt: 0,
    settledThrough: () => 0,
    abort,
    onTrouble: () => undefined,
    onLeftOut: () => undefined,
    onFault: () => undefined,
  });
  const pipeline = compile(sync, { sink, users, telemetry: new Metrics().of('sample'), abort });
  // All in one message, since recorded messages have one number and would come again.
  const levels = [1, 1, 2, 3];
  const message = jsonMessage(
    levels.map((level, seq) => ({
      event_type: 'Played',
      user_id: 'u',
      event_properties: { seq },
      user_properties: { level },
    })),
  );
  await lastValueFrom(pipeline(from([message])), { defaultValue: undefined });
  expect(sink.requests.flat()).toMatchObject([
    { level: 1 },
    { name: 'Played' },
    { name: 'Played' },
    { level: 2 },
    { name: 'Played' },
    { level: 3 },
    { name: 'Played' },
  ]);
  // States are written after the pipeline has ended, too.
  await vi.waitFor(() => expect(message.outcomes).toEqual(levels.map(() => ({ kind: 'delivered', attempts: 1 }))));
});
