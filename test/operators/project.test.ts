import * as fc from 'fast-check';
import { EMPTY, from, lastValueFrom, map, of, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import { compile, type CompiledExpression } from '../../src/jsonata/index.ts';
import type { Identified } from '../../src/operators/identify.ts';
import { project, type PropertySelection } from '../../src/operators/project.ts';
import { RecordedEnvelope, storedAt } from '../recorded-message.ts';
import { marbles } from './marbles.ts';

function identified(event: AmplitudeEvent): RecordedEnvelope<Identified> {
  return new RecordedEnvelope({ event, identifier: 'u-1' });
}

/** References, each as it is written in a rule; the name is what follows the first dot. */
function references(...froms: readonly string[]): PropertySelection[] {
  return froms.map((from) => ({ from, as: from.slice(from.indexOf('.') + 1) }));
}

/** The properties that are picked from an event, and the codes of those that were left out. */
async function projected(selection: readonly PropertySelection[], event: AmplitudeEvent) {
  const leftOut: string[] = [];
  const envelope = identified({ event_type: 'Purchase', ...event });
  const draft = await lastValueFrom(of(envelope).pipe(project(selection, (code) => leftOut.push(code))));
  expect(envelope.outcome).toBeUndefined();
  return { draft: draft.value, properties: draft.value.properties, leftOut };
}

test('a draft is the event as the destination will know it, and nothing else of it', async () => {
  const event = {
    event_type: 'Purchase',
    user_id: 'u-1',
    time: Date.UTC(2026, 0, 30),
    event_properties: { price: 5, secret: 'x' },
    user_properties: { plan: 'gold', age: 40 },
  };
  const { draft } = await projected(references('event_properties.price', 'user_properties.plan'), event);
  expect(draft).toEqual({
    identifier: 'u-1',
    name: 'Purchase',
    time: '2026-01-30T00:00:00.000Z',
    properties: { price: 5, plan: 'gold' },
  });
});

test('nothing is selected by default', async () => {
  const { properties } = await projected([], { event_properties: { price: 5 } });
  expect(properties).toEqual({});
});

test('without a usable time an event happened when the stream stored it', async () => {
  expect((await projected([], { time: 'yesterday' })).draft.time).toBe(new Date(storedAt).toISOString());
});

test('values keep their JSON types', async () => {
  const values = { a: 1, b: '1', c: true, d: false, e: 0, f: [1, 'x', null], g: { h: [{}] }, i: ' ' };
  const selection = references(...Object.keys(values).map((name) => `event_properties.${name}`));
  expect((await projected(selection, { event_properties: values })).properties).toEqual(values);
});

test.each([[null], [''], [[]], [{}]])('%j is no value and is left out', async (value) => {
  const event = { event_properties: { empty: value, price: 5 }, platform: value };
  const selection = references('event_properties.empty', 'event_properties.none', 'platform', 'event_properties.price');
  expect(await projected(selection, event)).toMatchObject({ properties: { price: 5 }, leftOut: [] });
});

describe('a reference', () => {
  test('reads a property of each holder, or a field, under its own or another name', async () => {
    const event = {
      platform: 'iOS',
      event_properties: { url: '/home' },
      group_properties: { tier: 'a' },
      groups: { company: ['Acme'] },
    };
    const selection = [
      ...references('platform', 'group_properties.tier', 'groups.company'),
      { from: 'event_properties.url', as: 'page_url' },
    ];
    expect((await projected(selection, event)).properties).toEqual({
      platform: 'iOS',
      tier: 'a',
      company: ['Acme'],
      page_url: '/home',
    });
  });

  test('to a name with dots reads the property of that name, else goes inside', async () => {
    const selection = references('event_properties.a.b', 'event_properties.$c.d.e');
    const named = { 'a.b': 'by name', a: { b: 'inside' }, $c: { d: { e: 1 } } };
    expect((await projected(selection, { event_properties: named })).properties).toEqual({
      'a.b': 'by name',
      '$c.d.e': 1,
    });
    const nested = { a: { b: 'inside' }, $c: { d: 'no object' } };
    expect((await projected(selection, { event_properties: nested })).properties).toEqual({ 'a.b': 'inside' });
  });

  test.each([['text'], [null], [7], [[{ price: 5 }]], [undefined]])('into %j finds nothing', async (holder) => {
    const selection = references('event_properties.price', 'event_properties.length', 'event_properties.0');
    expect((await projected(selection, { event_properties: holder })).properties).toEqual({});
  });

  test.each(['constructor', 'toString', '__proto__', '__proto__.constructor', 'constructor.name'])(
    'to %s never reaches what every object has',
    async (name) => {
      const selection = references(`event_properties.${name}`, name.split('.', 1)[0] ?? '');
      const { properties } = await projected(selection, { event_properties: {} });
      expect(JSON.stringify(properties)).toBe('{}');
    },
  );

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'toJSON'])(
    'to a property that is named %s sends it',
    async (name) => {
      const event = JSON.parse(`{"event_properties":{"${name}":"own"}}`) as AmplitudeEvent;
      const { properties } = await projected(references(`event_properties.${name}`), event);
      expect(JSON.stringify(properties)).toBe(`{"${name}":"own"}`);
      expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
    },
  );

  test('picks what JSON itself would, whatever the event holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), async (held) => {
        const event = JSON.parse(JSON.stringify({ event_properties: held })) as { event_properties: typeof held };
        const selection = references(...Object.keys(held).map((name) => `event_properties.${name}`));
        const { properties } = await projected(selection, event);
        const isEmpty = (value: unknown) => ['null', '""', '[]', '{}'].includes(JSON.stringify(value));
        const expected = Object.entries(event.event_properties).filter(([, value]) => !isEmpty(value));
        expect(Object.entries(properties).toSorted(byName)).toEqual(expected.toSorted(byName));
      }),
    );
  });
});

describe('a computed property', () => {
  const computed = (expr: string, as = 'total'): PropertySelection => ({ expr: compile(expr), as });

  test('is evaluated over the whole event, and may read the identifier', async () => {
    const event = { event_properties: { price: 2, quantity: 3 } };
    const selection = [computed('event_properties.(price * quantity)'), computed('$identifier & "!"', 'who')];
    expect((await projected(selection, event)).properties).toEqual({ total: 6, who: 'u-1!' });
  });

  test('that fails is left out with its code, and the others are sent', async () => {
    const selection = [computed('event_type * 2', 'a'), computed('$error("secret")', 'b'), computed('1 + 1', 'c')];
    expect(await projected(selection, {})).toMatchObject({ properties: { c: 2 }, leftOut: ['T2001', 'D3137'] });
  });

  test.each(['nothing', 'null', '""', '[]', '{}'])('that results in %s has no value', async (expr) => {
    expect(await projected([computed(expr)], {})).toMatchObject({ properties: {}, leftOut: [] });
  });

  test('leaves the event as it was', async () => {
    const event = { event_properties: { price: 2 } };
    const selection = [computed('$ ~> |event_properties|{"price": 3}|'), ...references('event_properties.price')];
    const { properties } = await projected(selection, event);
    expect(properties).toMatchObject({ price: 2 });
    expect(event).toEqual({ event_properties: { price: 2 } });
  });

  // A double stands for an expression here: which ones answer with a promise, or throw at once, may change.
  function double(evaluate: CompiledExpression['evaluate']): CompiledExpression {
    return { ...compile('true'), evaluate };
  }

  test('may answer late, and then the order of events and properties is kept', async () => {
    const late = double(async (event) => {
      const { turns } = event as { turns: number };
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      if (turns === 0) throw Object.assign(new Error('secret'), { code: 'T1006' });
      return turns;
    });
    const leftOut: string[] = [];
    const selection = [
      { expr: late, as: 'late' },
      { expr: double(() => 'at once'), as: 'now' },
    ];
    const drafts = await lastValueFrom(
      from([9, 0, 3].map((turns) => identified({ event_type: `${turns}`, turns }))).pipe(
        project(selection, (code) => leftOut.push(code)),
        map(({ value }) => value),
        toArray(),
      ),
    );
    expect(drafts.map(({ name, properties }) => [name, properties])).toEqual([
      ['9', { late: 9, now: 'at once' }],
      ['0', { now: 'at once' }],
      ['3', { late: 3, now: 'at once' }],
    ]);
    expect(leftOut).toEqual(['T1006']);
  });

  test.each([new RangeError('Maximum call stack size exceeded'), 'text', undefined])(
    'that fails with %s has no code of its own',
    async (thrown) => {
      const failing = double(() => {
        throw thrown;
      });
      expect(await projected([{ expr: failing, as: 'x' }], {})).toMatchObject({ properties: {}, leftOut: ['D1000'] });
    },
  );

  test.each([() => 1, Number.NaN, Number.NEGATIVE_INFINITY])('that results in %s has no value', async (value) => {
    expect((await projected([{ expr: double(() => value), as: 'x' }], {})).properties).toEqual({});
  });
});

test('nothing in, nothing out; an error is passed on', async () => {
  const none = project([], () => undefined);
  expect(await lastValueFrom(EMPTY.pipe(none, toArray()))).toEqual([]);
  await expect(lastValueFrom(throwError(() => new Error('broken')).pipe(none))).rejects.toThrow('broken');
});

test('drafts leave in the moment in which their events come', () => {
  expect.hasAssertions();
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-b-', { a: identified({ event_type: 'A' }), b: identified({ event_type: 'B' }) });
    const names = source.pipe(
      project([], () => undefined),
      map(({ value }) => value.name),
    );
    expectObservable(names, '----!').toBe('-A-B-');
    expectSubscriptions(source.subscriptions).toBe('^---!');
  });
});

test('after the end of the subscription nothing that waits is computed', async () => {
  const evaluate = vi.fn<CompiledExpression['evaluate']>(() => Promise.resolve(1));
  const expr: CompiledExpression = { ...compile('true'), evaluate };
  const source = new Subject<RecordedEnvelope<Identified>>();
  const subscription = source.pipe(project([{ expr, as: 'x' }], () => undefined)).subscribe();
  source.next(identified({}));
  source.next(identified({}));
  subscription.unsubscribe();
  await new Promise(setImmediate);
  expect(evaluate).toHaveBeenCalledOnce();
});

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
