import { EMPTY, from, lastValueFrom, map, of, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import { discarded, filtered, type Outcome } from '../../src/core/message.ts';
import { compile, type CompiledExpression } from '../../src/jsonata/index.ts';
import { filter, type FilterOptions } from '../../src/operators/filter.ts';
import { RecordedEnvelope } from '../recorded-message.ts';
import { marbles } from './marbles.ts';

const identifierOf: FilterOptions['identifierOf'] = ({ user_id }) =>
  typeof user_id === 'string' ? user_id : undefined;

type Rows = readonly (string | readonly [event: string, where: string])[];

/** Rows of `select`, each an event type or a pair of one and a condition; and a filter. */
function conditions(rows: Rows, filter?: string): FilterOptions {
  return {
    select: rows.map((row) => (typeof row === 'string' ? { event: row } : { event: row[0], where: compile(row[1]) })),
    ...(filter === undefined ? {} : { filter: compile(filter) }),
    identifierOf,
  };
}

/** What becomes of each event: kept, or its outcome. */
async function verdicts(options: FilterOptions, ...events: readonly AmplitudeEvent[]): Promise<('kept' | Outcome)[]> {
  const envelopes = events.map((event) => new RecordedEnvelope(event));
  const kept = await lastValueFrom(from(envelopes).pipe(filter(options), toArray()));
  const values = new Set(kept.map(({ value }) => value));
  return envelopes.map(({ value, outcome }) => {
    if (values.has(value) !== (outcome === undefined)) throw new Error('kept and settled, or neither');
    return outcome ?? 'kept';
  });
}

const purchase = { event_type: 'Purchase', user_id: 'u-1', event_properties: { price: 5 } };
const song = { event_type: 'Song Played', user_id: 'u-1', event_properties: { plays: 5 } };
const failing = 'event_properties.price + event_type';
const failure = discarded('filter_error', 'T2002');

test('a row keeps the events that it names', async () => {
  expect(await verdicts(conditions(['Purchase']), purchase, song)).toEqual(['kept', filtered]);
});

test('names are compared exactly, and no name is special', async () => {
  const names = ['purchase', 'Purchase ', 'constructor', '__proto__', 'toString'];
  const events = names.map((event_type) => ({ event_type }));
  expect(await verdicts(conditions(['Purchase']), ...events)).toEqual(names.map(() => filtered));
  expect(await verdicts(conditions(names), ...events)).toEqual(names.map(() => 'kept'));
});

test('rows are alternatives', async () => {
  const rows: Rows = ['Purchase', ['Song Played', 'event_properties.plays > 9'], ['Song Played', 'user_id = "u-1"']];
  expect(await verdicts(conditions(rows), purchase, song, { ...song, user_id: 'u-2' })).toEqual([
    'kept',
    'kept',
    filtered,
  ]);
});

test('no rows keep nothing', async () => {
  expect(await verdicts(conditions([]), purchase)).toEqual([filtered]);
  expect(await verdicts(conditions([], 'true'), purchase)).toEqual([filtered]);
});

test('a star stands for all events, but never for $identify, $groupidentify or an identify call', async () => {
  const never = [{ event_type: '$identify' }, { event_type: '$groupidentify' }, { user_properties: { plan: 'gold' } }];
  expect(await verdicts(conditions(['*']), purchase, song, ...never)).toEqual([
    'kept',
    'kept',
    ...never.map(() => filtered),
  ]);
});

test('$identify is not sent even if a row names it', async () => {
  expect(await verdicts(conditions(['$identify']), { event_type: '$identify' })).toEqual([filtered]);
});

test('a star with a condition stands beside rows that name events', async () => {
  const rows: Rows = ['Purchase', ['*', 'event_properties.plays > 3']];
  expect(await verdicts(conditions(rows), purchase, song, { event_type: 'Other' })).toEqual(['kept', 'kept', filtered]);
});

test('what a row selects has to meet the filter', async () => {
  const options = conditions(['Purchase', ['Song Played', 'event_properties.plays > 9']], 'event_properties.price < 9');
  const dear = { ...purchase, event_properties: { price: 10 } };
  expect(await verdicts(options, purchase, dear, song)).toEqual(['kept', filtered, filtered]);
});

test.each([
  ['true', 'kept'],
  ['false', filtered],
  ['nothing', filtered],
  ['null', filtered],
  ['0', filtered],
  ['""', filtered],
  ['"no"', 'kept'],
  ['[]', filtered],
  ['[0]', filtered],
  ['[0, 1]', 'kept'],
  ['{}', filtered],
  ['{"a": false}', 'kept'],
])('the result of %s counts as $boolean casts it', async (filter, verdict) => {
  expect(await verdicts(conditions(['*'], filter), purchase)).toEqual([verdict]);
});

describe('$identifier', () => {
  test('is the identifier of the event', async () => {
    expect(await verdicts(conditions(['*'], '$identifier = "u-1"'), purchase, { ...purchase, user_id: 'u-2' })).toEqual(
      ['kept', filtered],
    );
    expect(await verdicts(conditions([['*', '$identifier = "u-1"']]), purchase)).toEqual(['kept']);
  });

  test('does not exist for an event without one', async () => {
    const anonymous = { ...purchase, user_id: null };
    expect(await verdicts(conditions(['*'], '$exists($identifier)'), purchase, anonymous)).toEqual(['kept', filtered]);
    expect(await verdicts(conditions(['*'], '$not($exists($identifier))'), purchase, anonymous)).toEqual([
      filtered,
      'kept',
    ]);
  });
});

describe('an expression that fails', () => {
  test('as the filter discards the event with its code', async () => {
    expect(await verdicts(conditions(['*'], failing), purchase)).toEqual([failure]);
    expect(await verdicts(conditions(['*'], '$error("secret")'), purchase)).toEqual([
      discarded('filter_error', 'D3137'),
    ]);
  });

  test('as the condition of a row counts unless another row holds', async () => {
    const holds = 'event_properties.price = 5';
    expect(await verdicts(conditions([['Purchase', failing]]), purchase)).toEqual([failure]);
    expect(
      await verdicts(
        conditions([
          ['Purchase', failing],
          ['Purchase', holds],
        ]),
        purchase,
      ),
    ).toEqual(['kept']);
    expect(
      await verdicts(
        conditions([
          ['Purchase', holds],
          ['Purchase', failing],
        ]),
        purchase,
      ),
    ).toEqual(['kept']);
    expect(await verdicts(conditions([['Purchase', failing], 'Purchase']), purchase)).toEqual(['kept']);
    expect(await verdicts(conditions([['Purchase', failing], '*']), purchase)).toEqual(['kept']);
    expect(
      await verdicts(
        conditions([
          ['Purchase', failing],
          ['*', 'false'],
        ]),
        purchase,
      ),
    ).toEqual([failure]);
    expect(
      await verdicts(
        conditions([
          ['*', 'false'],
          ['Purchase', failing],
        ]),
        purchase,
      ),
    ).toEqual([failure]);
  });

  test('as the condition of a row is not made good by the filter', async () => {
    expect(await verdicts(conditions([['Purchase', failing]], 'true'), purchase)).toEqual([failure]);
  });

  test('is not evaluated for events that no row names', async () => {
    expect(await verdicts(conditions(['Song Played'], failing), purchase)).toEqual([filtered]);
  });
});

test('an event nested 5,000 levels deep ends in a verdict, never in a crash', async () => {
  const deep: unknown = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
  const event = { event_type: 'Deep', event_properties: { deep } };
  const [verdict] = await verdicts(conditions(['*'], '**.plan = "gold"'), event);
  expect(verdict).toSatisfy((it) => it === filtered || (it as { reason?: string }).reason === 'filter_error');
});

test('nothing in, nothing out; an error is passed on', async () => {
  expect(await lastValueFrom(EMPTY.pipe(filter(conditions(['*'])), toArray()))).toEqual([]);
  const broken = throwError(() => new Error('broken')).pipe(filter(conditions(['*'])));
  await expect(lastValueFrom(broken)).rejects.toThrow('broken');
});

test('rows without conditions answer in the moment in which events come', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const [a, b, c] = [purchase, song, purchase].map((event) => new RecordedEnvelope<AmplitudeEvent>(event));
    const source = hot<RecordedEnvelope<AmplitudeEvent>>('-a-b-c-', { a, b, c } as never);
    const kept = source.pipe(
      filter(conditions(['Purchase'])),
      map(({ value }) => value['event_type']),
    );
    expectObservable(kept, '------!').toBe('-p---p-', { p: 'Purchase' });
    expectSubscriptions(source.subscriptions).toBe('^-----!');
  });
});

// A double stands for an expression here: the promise is what is tested, and which expressions give one may change.
describe('an expression that answers late', () => {
  /** Answers with these after so many turns of the queue of promises. */
  function late(
    answers: Readonly<Record<string, { turns: number; truth: boolean | { code: string } }>>,
  ): CompiledExpression {
    return {
      ...compile('true'),
      async test(event) {
        const { turns, truth } = answers[String((event as AmplitudeEvent)['user_id'])] ?? { turns: 0, truth: false };
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        return truth;
      },
    };
  }

  const events = ['a', 'b', 'c', 'd'].map((user_id) => ({ event_type: 'Purchase', user_id }));
  const answers = {
    a: { turns: 9, truth: true },
    b: { turns: 0, truth: { code: 'T2001' } },
    c: { turns: 5, truth: true },
    d: { turns: 1, truth: false },
  };

  test.each([
    ['as a condition', { select: [{ event: 'Purchase', where: late(answers) }] }],
    ['as the filter', { select: [{ event: '*' }], filter: late(answers) }],
    ['as both', { select: [{ event: 'Purchase', where: late(answers) }], filter: late(answers) }],
  ])('%s keeps the order of the events', async (_, options) => {
    const envelopes = events.map((event) => new RecordedEnvelope<AmplitudeEvent>(event));
    const kept = await lastValueFrom(from(envelopes).pipe(filter({ ...options, identifierOf }), toArray()));
    expect(kept.map(({ value }) => value['user_id'])).toEqual(['a', 'c']);
    expect(envelopes.map(({ outcome }) => outcome)).toEqual([
      undefined,
      discarded('filter_error', 'T2001'),
      undefined,
      filtered,
    ]);
  });

  test('is one alternative among others that answer late or at once', async () => {
    const select = [
      { event: 'Purchase', where: late(answers) },
      { event: 'Purchase', where: compile('user_id = "b"') },
      { event: '*', where: late({ d: { turns: 2, truth: true } }) },
    ];
    expect(await verdicts({ select, identifierOf }, ...events)).toEqual(['kept', 'kept', 'kept', 'kept']);
  });

  test('fails as an alternative only if no other holds', async () => {
    const select = [
      { event: 'Purchase', where: late(answers) },
      { event: 'Purchase', where: late({}) },
    ];
    expect(await verdicts({ select, identifierOf }, ...events)).toEqual([
      'kept',
      discarded('filter_error', 'T2001'),
      'kept',
      filtered,
    ]);
  });

  test('lets the pipeline complete after it', async () => {
    const complete = vi.fn<() => void>();
    const select = [{ event: '*', where: late(answers) }];
    of(...events.map((event) => new RecordedEnvelope<AmplitudeEvent>(event)))
      .pipe(filter({ select, identifierOf }))
      .subscribe({ complete });
    expect(complete).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(complete).toHaveBeenCalledOnce());
  });

  test('says nothing of what waits once nobody is subscribed', async () => {
    const source = new Subject<RecordedEnvelope<AmplitudeEvent>>();
    const envelopes = events.map((event) => new RecordedEnvelope<AmplitudeEvent>(event));
    const subscription = source.pipe(filter({ select: [{ event: '*', where: late({}) }], identifierOf })).subscribe();
    for (const envelope of envelopes) source.next(envelope);
    subscription.unsubscribe();
    await new Promise(setImmediate);
    expect(envelopes.slice(1).map(({ outcome }) => outcome)).toEqual([undefined, undefined, undefined]);
  });
});
