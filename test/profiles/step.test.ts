import { expect, test } from 'vitest';
import { withUnsent } from '../../src/profiles/state.ts';
import { step } from '../../src/profiles/step.ts';
import { at, event, exported, follow, identify, selecting, sentFor } from './braze-user.ts';

test('a customer of a shop costs a data point for each thing that changes, and none for what stays', () => {
  const shop = selecting(['plan', 'lifetime_value', 'favourite_genres', 'trial_ends_at']);
  const sent = sentFor(shop, [
    // Ada signs up: everything that is known of her is new to Braze.
    identify({ $set: { plan: 'trial', trial_ends_at: '2026-02-14', shoe_size: 38 }, $setOnce: { initial_page: '/' } }),
    // She looks around. Her app repeats what it knows of her with each event.
    event({ plan: 'trial', shoe_size: 38 }),
    event(),
    // She buys for 20 euros, and then for 5.
    identify({ $add: { lifetime_value: 20 } }),
    identify({ $add: { lifetime_value: 5 }, $postInsert: { favourite_genres: 'jazz' } }),
    // She likes jazz again, which is known.
    identify({ $postInsert: { favourite_genres: 'jazz' } }),
    // She subscribes, so there is no trial that would end.
    identify({ $set: { plan: 'pro' }, $unset: { trial_ends_at: '-' } }),
    // A property that nobody selected changes.
    identify({ $set: { shoe_size: 39 } }),
  ]);
  expect(sent).toEqual([
    { plan: 'trial', trial_ends_at: '2026-02-14' },
    undefined,
    undefined,
    { lifetime_value: 20 },
    { lifetime_value: 25, favourite_genres: ['jazz'] },
    undefined,
    { plan: 'pro', trial_ends_at: null },
    undefined,
  ]);
});

test('snapshots are compared as wholes: what is missing in one has been taken away', () => {
  const sent = sentFor(selecting(['plan', 'city', 'tags']), [
    exported({ plan: 'pro', city: 'Lyon', tags: { b: 1, a: [1] } }),
    exported({ tags: { a: [1], b: 1 }, city: 'Lyon', plan: 'pro', shoe_size: 38 }),
    exported({ city: 'Lyon', plan: 'free' }),
    exported({}),
    exported({}),
  ]);
  expect(sent).toEqual([
    { plan: 'pro', city: 'Lyon', tags: { b: 1, a: [1] } },
    undefined,
    { plan: 'free', tags: null },
    { plan: null, city: null },
    undefined,
  ]);
});

test('with the selected content, an update holds all that is selected and has a value', () => {
  const sent = sentFor(selecting(['plan', 'visits', 'city'], { content: 'selected' }), [
    identify({ $set: { plan: 'free', city: 'Lyon' } }),
    identify({ $add: { visits: 1 } }),
    event({ plan: 'free' }),
    identify({ $unset: { city: '-' } }),
    identify({ $set: { plan: 'pro' } }),
  ]);
  expect(sent).toEqual([
    { plan: 'free', city: 'Lyon' },
    { plan: 'free', city: 'Lyon', visits: 1 },
    undefined,
    { plan: 'free', visits: 1, city: null },
    { plan: 'pro', visits: 1 },
  ]);
});

test('a user of whom nothing selected is known is neither sent nor kept', () => {
  expect(follow(selecting(['plan']), [event({ city: 'Lyon' }), event(), identify({ $unset: { plan: '-' } })])).toEqual(
    Array.from({ length: 3 }, () => ({
      kind: 'unchanged',
      state: undefined,
      attributes: undefined,
      identifier: undefined,
      reports: [],
    })),
  );
});

test('an event that says nothing about a user is no update', () => {
  const group = { event_type: '$groupidentify', groups: { company: 'acme' }, user_properties: { plan: 'pro' } };
  const skipped = event({ plan: 'pro' }, { $skip_user_properties_sync: true });
  expect(follow(selecting(['plan']), [group, skipped]).map(({ kind }) => kind)).toEqual(['no_update', 'no_update']);
});

test('the state is the very same one unless it has to be written', () => {
  const plans = selecting(['plan', 'tags']);
  const { state } = step(undefined, event({ plan: 'pro', tags: ['a'] }), at(1), plans);
  for (const quiet of [event({ plan: 'pro', tags: ['a'] }), event({ city: 'Lyon' }), event(), identify({})]) {
    expect(step(state, quiet, at(2), plans).state).toBe(state);
  }
});

test('with no property selected, a user is sent once, by the identifier alone', () => {
  expect(sentFor(selecting([]), [event({ plan: 'pro' }), event({ plan: 'free' })])).toEqual([{}, undefined]);
  expect(sentFor(selecting([], { createUsers: false }), [event({ plan: 'pro' })])).toEqual([undefined]);
});

test('a property that is selected later counts as a change when it is next seen', () => {
  const { state } = step(undefined, event({ plan: 'pro', city: 'Lyon' }), at(1), selecting(['plan']));
  const values = [...(state?.values ?? []), undefined];
  const carried = state === undefined ? undefined : { ...state, values };
  expect(step(carried, event({ plan: 'pro', city: 'Lyon' }), at(2), selecting(['plan', 'city'])).attributes).toEqual({
    city: 'Lyon',
  });
});

test('built-in properties are read from the event itself, in both shapes, and only if they are selected', () => {
  const sent = sentFor(selecting(['platform', 'app_version', 'carrier']), [
    event({}, { platform: 'iOS', app_version: '1.0', country: 'France' }),
    event({}, { platform: 'iOS', app_version: '1.0' }),
    exported({}, { platform: 'iOS', version_name: '1.1', device_carrier: null }),
    exported({}, { platform: null, version_name: '1.1', device_carrier: 'Orange' }),
    { user_id: 'u', user_properties: {}, platform: 'Web' },
  ]);
  expect(sent).toEqual([
    { platform: 'iOS', app_version: '1.0' },
    undefined,
    { app_version: '1.1' },
    { carrier: 'Orange' },
    { platform: 'Web' },
  ]);
});

test("a user's own property goes before the built-in one of the same name", () => {
  const sent = sentFor(selecting(['platform']), [
    event({}, { platform: 'iOS' }),
    event({ platform: 'tablet' }, { platform: 'iOS' }),
    event({}, { platform: 'Web' }),
    identify({ $unset: { platform: '-' } }),
  ]);
  expect(sent).toEqual([{ platform: 'iOS' }, { platform: 'tablet' }, undefined, { platform: 'Web' }]);
});

test('what is kept for events alone is not sent', () => {
  const plans = selecting(['plan'], { keep: ['city'] });
  const [first, second] = follow(plans, [event({ plan: 'pro', city: 'Lyon' }), identify({ $set: { city: 'Nice' } })]);
  expect(first?.attributes).toEqual({ plan: 'pro' });
  expect(second).toMatchObject({ kind: 'unchanged', attributes: undefined });
  expect(second?.state?.values).toEqual(['pro', 'Nice']);
});

test('a value that Braze cuts to what it has is no change', () => {
  const long = 'x'.repeat(255);
  expect(follow(selecting(['bio']), [event({ bio: `${long}1` }), event({ bio: `${long}2` })])).toMatchObject([
    { attributes: { bio: long }, reports: [{ property: 'bio', why: 'text_cut' }] },
    { kind: 'unchanged', attributes: undefined },
  ]);
});

test('what goes along unchanged is not reported again', () => {
  const all = selecting(['bio', 'gender', 'plan'], { content: 'selected' });
  const first = event({ bio: 'x'.repeat(256), gender: 'woman', plan: 'free' });
  expect(follow(all, [first, event({ plan: 'pro' })])).toMatchObject([
    { reports: [{ property: 'bio' }, { property: 'gender' }] },
    { attributes: { bio: 'x'.repeat(255), plan: 'pro' }, reports: [] },
  ]);
});

test('a value that Braze does not take is not sent, and what Braze has stays', () => {
  const steps = follow(selecting(['gender', 'plan']), [
    event({ gender: 'F', plan: 'pro' }),
    event({ gender: 'woman', plan: 'free' }),
    event({ gender: 'F' }),
    event({ gender: null }),
  ]);
  expect(steps.map(({ attributes }) => attributes)).toEqual([
    { gender: 'F', plan: 'pro' },
    { plan: 'free' },
    { gender: 'F' },
    { gender: null },
  ]);
  expect(steps[1]?.reports).toEqual([{ property: 'gender', why: 'bad_format' }]);
});

const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
const huge = Array.from({ length: 900 }, () => 'x'.repeat(400));

test.each([
  ['too_deep', event({ list: deep })],
  ['too_deep', identify({ $preInsert: { list: deep } })],
  ['too_large', event({ list: huge })],
  ['too_large', identify({ $append: { list: [{ huge }] } })],
  ['not_finite', event({ list: Infinity })],
])('a value that is %s to be kept leaves the state as it is', (why, event) => {
  const lists = selecting(['list']);
  const { state } = step(undefined, identify({ $set: { list: ['a'] } }), at(1), lists);
  const next = step(state, event, at(2), lists);
  expect(next).toMatchObject({ kind: 'unchanged', reports: [{ property: 'list', why }] });
  expect(next.state).toBe(state);
});

test('a list that grows without end keeps its newest values', () => {
  const appends = Array.from({ length: 1_200 }, (_, index) => identify({ $append: { seen: index } }));
  const last = follow(selecting(['seen']), appends).at(-1);
  expect(last?.attributes).toEqual({ seen: Array.from({ length: 500 }, (_, index) => index + 700) });
  expect(last?.reports).toEqual([{ property: 'seen', why: 'list_cut' }]);
});

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const mapped = selecting(['plan', 'city'], { identifier: { property: 'crm_id', read: text } });

test('an identifier that is a user property is remembered; what came before it is sent with it', () => {
  const steps = follow(mapped, [
    event({ plan: 'free' }),
    identify({ $setOnce: { crm_id: 'c1' }, $set: { city: 'Lyon' } }),
    identify({ $setOnce: { crm_id: 'c2' }, $set: { plan: 'pro' } }),
    event(),
    identify({ $unset: { crm_id: '-' }, $set: { plan: 'free' } }),
  ]);
  expect(steps.map(({ kind, identifier, attributes }) => [kind, identifier, attributes])).toEqual([
    ['unidentified', undefined, undefined],
    ['update', 'c1', { plan: 'free', city: 'Lyon' }],
    ['update', 'c1', { plan: 'pro' }],
    ['unchanged', 'c1', undefined],
    ['unidentified', undefined, undefined],
  ]);
});

test('under another identifier a user is another one to Braze, and is sent as a whole', () => {
  const sent = sentFor(mapped, [
    event({ crm_id: 'c1', plan: 'free', city: 'Lyon' }),
    event({ crm_id: 'c2', city: null }),
    event({ crm_id: 'c2', plan: 'pro' }),
  ]);
  expect(sent).toEqual([{ plan: 'free', city: 'Lyon' }, { plan: 'free' }, { plan: 'pro' }]);
});

test('what Braze did not take goes along with the next update', () => {
  const plans = selecting(['plan', 'city', 'age']);
  const first = step(undefined, event({ plan: 'pro', city: 'Lyon' }), at(1), plans);
  const refused = first.state && withUnsent(first.state, { plan: 'pro', age: null });
  const quiet = step(refused, event({ plan: 'pro' }), at(2), plans);
  expect(quiet).toMatchObject({ kind: 'unchanged', attributes: undefined });
  const next = step(quiet.state, event({ city: 'Nice' }), at(3), plans);
  expect(next.attributes).toEqual({ plan: 'pro', city: 'Nice', age: null });
  expect(next.state?.unsent).toEqual([]);
});

test('names that every JavaScript object has are names like others', () => {
  const odd = selecting(['__proto__', 'constructor', 'toString']);
  const said = JSON.parse('{"__proto__": {"a": 1}, "toString": "x"}') as Record<string, unknown>;
  const [first, second] = follow(odd, [event(said), identify({ $unset: said })]);
  expect(JSON.stringify(first?.attributes)).toBe('{"__proto__":{"a":1},"toString":"x"}');
  expect(JSON.stringify(second?.attributes)).toBe('{"__proto__":null,"toString":null}');
});
