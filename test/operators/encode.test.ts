import { EMPTY, from, lastValueFrom, map, NEVER, of, throwError, concat, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type { Draft, EventEntry } from '../../src/core/entry.ts';
import { discarded } from '../../src/core/message.ts';
import { encode } from '../../src/operators/encode.ts';
import { RecordedEnvelope, storedAt } from '../recorded-message.ts';
import { marbles } from './marbles.ts';

const draft: Draft = { identifier: 'u-1', name: 'Purchase', time: '2026-01-31T09:00:00.000Z', properties: {} };

const sink = {
  encode: ({ identifier, name }: Draft, storedAt: number): EventEntry => ({
    kind: 'event',
    user: identifier,
    json: name,
    bytes: 8,
    storedAt,
  }),
};

/** A sink that cannot encode the events of this name. */
function refusing(refused: string, error: Error): typeof sink {
  return {
    encode(draft, storedAt) {
      if (draft.name === refused) throw error;
      return sink.encode(draft, storedAt);
    },
  };
}

test('each draft becomes an entry that knows when its event was stored', async () => {
  const envelopes = [new RecordedEnvelope(draft), new RecordedEnvelope({ ...draft, name: 'Refund' }, 17)];
  const entries = await lastValueFrom(
    from(envelopes).pipe(
      encode(sink),
      map(({ value }) => value),
      toArray(),
    ),
  );
  expect(entries).toEqual([
    { kind: 'event', user: 'u-1', json: 'Purchase', bytes: 8, storedAt },
    { kind: 'event', user: 'u-1', json: 'Refund', bytes: 8, storedAt: 17 },
  ]);
});

test('what JSON cannot hold is discarded, and the next goes on', async () => {
  const envelopes = ['Deep', 'Purchase'].map((name) => new RecordedEnvelope({ ...draft, name }));
  const tooDeep = new RangeError('Maximum call stack size exceeded');
  const entries = await lastValueFrom(from(envelopes).pipe(encode(refusing('Deep', tooDeep)), toArray()));
  expect(entries.map(({ value }) => value.json)).toEqual(['Purchase']);
  expect(envelopes[0]?.outcome).toEqual(
    discarded('invalid_event', 'a selected property is nested too deep to be written as JSON'),
  );
  expect(envelopes[1]?.outcome).toBeUndefined();
});

test('a sink that is broken fails the pipeline, and settles nothing', async () => {
  const envelope = new RecordedEnvelope(draft);
  const broken = refusing('Purchase', new TypeError('broken'));
  await expect(lastValueFrom(concat(of(envelope), NEVER).pipe(encode(broken)))).rejects.toThrow('broken');
  expect(envelope.outcome).toBeUndefined();
});

test('nothing in, nothing out; an error is passed on', async () => {
  expect(await lastValueFrom(EMPTY.pipe(encode(sink), toArray()))).toEqual([]);
  await expect(lastValueFrom(throwError(() => new Error('broken')).pipe(encode(sink)))).rejects.toThrow('broken');
});

test('entries leave in the moment in which their drafts come', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-b-c-', { a: named('A'), b: named('Deep'), c: named('C') });
    const names = source.pipe(
      encode(refusing('Deep', new RangeError())),
      map(({ value }) => value.json),
    );
    expectObservable(names, '------!').toBe('-a---c-', { a: 'A', c: 'C' });
    expectSubscriptions(source.subscriptions).toBe('^-----!');
  });
});

function named(name: string): RecordedEnvelope<Draft> {
  return new RecordedEnvelope({ ...draft, name });
}
