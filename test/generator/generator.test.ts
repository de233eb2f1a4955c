import { expect, test } from 'vitest';
import {
  createGenerator,
  type GeneratedEvent,
  type GeneratorOptions,
  type Properties,
} from '../../src/generator/index.ts';
import { applyOperations } from '../../src/generator/operations.ts';

function draw(count: number, options: GeneratorOptions = {}): GeneratedEvent[] {
  const generator = createGenerator(options);
  return Array.from({ length: count }, () => generator.next());
}

function share<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.filter(holds).length / values.length;
}

function byUser(events: readonly GeneratedEvent[]): Map<string, GeneratedEvent[]> {
  return Map.groupBy(events, ({ user }) => user.deviceId);
}

const typeOf = ({ event }: GeneratedEvent): unknown => event['event_type'];

test('the same options give the same messages', () => {
  const payloads = (options: GeneratorOptions): string[] => {
    const generator = createGenerator(options);
    return Array.from({ length: 500 }, () => generator.message().payload);
  };
  const options = { shape: 'mixed', eventsPerMessage: 3 } as const;
  expect(payloads({ ...options, seed: 7 })).toEqual(payloads({ ...options, seed: 7 }));
  expect(payloads({ ...options, seed: 8 })).not.toEqual(payloads({ ...options, seed: 7 }));
});

test('events can be iterated', () => {
  const events: GeneratedEvent[] = [];
  for (const event of createGenerator()) {
    events.push(event);
    if (events.length === 100) break;
  }
  expect(events).toEqual(draw(100));
});

test('times begin at the start and advance with the rate', () => {
  const start = Date.UTC(2030, 5, 1);
  const times = draw(5, { start, rate: 400 }).map(({ event }) => event['time']);
  expect(times).toEqual([start, start + 2, start + 5, start + 7, start + 10]);
});

test('the busiest users make as many events as Zipf has it', () => {
  const events = draw(50_000, { users: 100, zipfExponent: 1, anonymousShare: 0 });
  const harmonic = Array.from({ length: 100 }, (_, rank) => 1 / (rank + 1)).reduce((sum, weight) => sum + weight);
  for (const rank of [0, 1, 9])
    expect(share(events, ({ user }) => user.rank === rank)).toBeCloseTo(1 / (rank + 1) / harmonic, 2);
});

test('one hot user makes the share of events that is asked for, and has a user id', () => {
  const events = draw(20_000, { hotUserShare: 0.6, anonymousShare: 0.9 });
  expect(share(events, ({ user }) => user.rank === 0)).toBeCloseTo(0.6, 1);
  expect(new Set(events.filter(({ user }) => user.rank === 0).map(({ event }) => event['user_id'])).size).toBe(1);
});

test('the shares of identify calls, changes and long events are those of the options', () => {
  const events = draw(30_000, { users: 500, anonymousShare: 0, identifyShare: 0.3, changeShare: 0.2, tailShare: 0.1 });
  expect(share(events, (event) => typeOf(event) === '$identify')).toBeCloseTo(0.3, 1);
  const bytes = events.map(({ event }) => Buffer.byteLength(JSON.stringify(event)));
  expect(share(bytes, (size) => size > 4000)).toBeCloseTo(0.1, 1);
  const last = new Map<string, Properties>();
  const changed = events.filter(({ user, properties }) => {
    const before = last.get(user.deviceId);
    last.set(user.deviceId, properties);
    return before !== undefined && JSON.stringify(before) !== JSON.stringify(properties);
  });
  expect(changed.length / events.length).toBeCloseTo(0.2, 1);
});

test('an event has about 900 bytes, and one in a hundred has 4 to 8 KB', () => {
  const generator = createGenerator();
  const sizes = Array.from({ length: 20_000 }, () => Buffer.byteLength(generator.message().payload));
  const mean = sizes.reduce((sum, size) => sum + size) / sizes.length;
  expect(mean).toBeGreaterThan(750);
  expect(mean).toBeLessThan(1050);
  expect(share(sizes, (size) => size >= 4000 && size <= 8000)).toBeCloseTo(0.01, 2);
  expect(share(sizes, (size) => size > 2000 && size < 4000)).toBe(0);
});

test('the events of a user are numbered without a gap', () => {
  for (const events of byUser(draw(20_000, { shape: 'mixed', numbered: true, users: 300 })).values()) {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ event }) => (event['event_properties'] as Properties)['seq'])).toEqual(
      events.map((_, index) => index + 1),
    );
  }
});

test('without being asked for, no event is numbered', () => {
  expect(draw(2000).some(({ event }) => Object.hasOwn(event['event_properties'] as Properties, 'seq'))).toBe(false);
});

test('what HTTP events say of a user adds up to the truth', () => {
  const told = new Map<string, Properties>();
  for (const { event, user, properties } of draw(30_000, { users: 200, changeShare: 0.4, identifyShare: 0.3 })) {
    const before = told.get(user.deviceId) ?? {};
    const said = event['user_properties'] as Properties;
    const after = event['event_type'] === '$identify' ? applyOperations(before, said) : { ...before, ...said };
    expect(after).toEqual(properties);
    told.set(user.deviceId, after);
  }
});

test('every operation that Amplitude users write occurs', () => {
  const identifies = draw(20_000, { users: 50, changeShare: 0.5, identifyShare: 0.5 }).filter(
    (event) => typeOf(event) === '$identify',
  );
  const operations = new Set(identifies.flatMap(({ event }) => Object.keys(event['user_properties'] as Properties)));
  expect(operations).toEqual(new Set(['$set', '$setOnce', '$add', '$append', '$postInsert', '$remove', '$unset']));
});

test('a session has a start, an end and one id between them', () => {
  for (const events of byUser(draw(20_000, { users: 100, anonymousShare: 0 })).values()) {
    let session: unknown = -1;
    for (const drawn of events) {
      if (typeOf(drawn) === 'session_start') session = drawn.event['time'];
      expect(drawn.event['session_id']).toBe(session);
      if (typeOf(drawn) === 'session_end') session = -1;
    }
  }
});

test('place, language and device are the same in all events of a user', () => {
  for (const events of byUser(draw(10_000, { users: 100 })).values()) {
    const traits = ['country', 'region', 'city', 'language', 'platform', 'os_version', 'app_version', 'ip'];
    const seen = new Set(events.map(({ event }) => JSON.stringify(traits.map((trait) => event[trait]))));
    expect(seen.size).toBe(1);
  }
});

test('a purchase buys what was added to the cart, and its lines add up', () => {
  const events = draw(20_000, { users: 100 });
  const purchases = events.filter((event) => typeOf(event) === 'Purchase');
  expect(purchases.length).toBeGreaterThan(300);
  for (const { event } of purchases) {
    const { price, quantity, items } = event['event_properties'] as {
      price: number;
      quantity: number;
      items: { quantity: number }[];
    };
    expect(price).toBeGreaterThan(0);
    expect(items.reduce((sum, item) => sum + item.quantity, 0)).toBe(quantity);
  }
});

test('visitors have no user id until they sign up, and one from then on', () => {
  const users = [...byUser(draw(40_000, { users: 50, anonymousShare: 1 })).values()];
  const converted = users.filter((events) => typeof events.at(-1)?.event['user_id'] === 'string');
  expect(converted.length).toBeGreaterThan(100);
  for (const events of converted) {
    const ids = events.map(({ event }) => event['user_id'] ?? null);
    const first = ids.findIndex((id) => id !== null);
    expect(ids.slice(0, first).every((id) => id === null)).toBe(true);
    expect(new Set(ids.slice(first)).size).toBe(1);
    expect(events.slice(0, first).some((event) => typeOf(event) === 'Sign Up')).toBe(true);
  }
});

test('an unknown user id is null in the events of some devices and absent in those of others', () => {
  const anonymous = draw(5000, { anonymousShare: 1 }).filter(({ user }) => user.userId === null);
  const kinds = new Set(anonymous.map(({ event }) => ('user_id' in event ? event['user_id'] : 'absent')));
  expect(kinds).toEqual(new Set([null, 'absent']));
});

test('about the share of users that is asked for comes anonymously, in a long stream too', () => {
  const events = draw(60_000, { users: 2000, zipfExponent: 0, anonymousShare: 0.5 });
  const late = events.slice(-10_000);
  const unknown = share(late, ({ event }) => (event['user_id'] ?? null) === null);
  expect(unknown).toBeGreaterThan(0.2);
  expect(unknown).toBeLessThan(0.5);
  expect(share(events.slice(0, 500), ({ event }) => (event['user_id'] ?? null) === null)).toBeCloseTo(0.5, 1);
});

test('an exported event has its instants as text, a snapshot of its user and null for what is unset', () => {
  for (const { event, properties, shape } of draw(3000, { shape: 'export', users: 200 })) {
    expect(shape).toBe('export');
    for (const field of [
      'event_time',
      'client_event_time',
      'client_upload_time',
      'server_received_time',
      'server_upload_time',
    ])
      expect(event[field]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
    expect(event['user_properties']).toEqual(properties);
    expect(event).toMatchObject({
      idfa: null,
      $insert_id: expect.any(String),
      uuid: expect.any(String),
      amplitude_id: expect.any(Number),
    });
    expect(event['event_type']).not.toMatch(/^\$/);
    expect(Object.keys(event)).not.toContain('insert_id');
    expect(Object.values(event)).not.toContain(undefined);
  }
});

test('an event as posted has its time in milliseconds and no key without a value but user_id', () => {
  for (const { event } of draw(3000)) {
    expect(Number.isSafeInteger(event['time'])).toBe(true);
    expect(event['insert_id']).toEqual(expect.any(String));
    const { user_id: _, ...rest } = event;
    expect(Object.values(rest).filter((value) => value === null || value === undefined)).toEqual([]);
  }
});

test('no insert id comes twice', () => {
  const ids = draw(20_000, { shape: 'mixed' }).map(({ event }) => event['insert_id'] ?? event['$insert_id']);
  expect(new Set(ids).size).toBe(ids.length);
});

test('texts come in many scripts, with emoji, quotes and line breaks', () => {
  const text = draw(5000)
    .map(({ event }) => JSON.stringify(event))
    .join('');
  for (const script of ['Latin', 'Han', 'Hiragana', 'Hangul', 'Cyrillic', 'Arabic', 'Devanagari'])
    expect(text).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'));
  expect(text).toMatch(/\p{Emoji_Presentation}/u);
  expect(text).toContain('\\"');
  expect(text).toContain('\\n');
});

test('a message of one event holds the event, under a subject of its type', () => {
  const generator = createGenerator({ shape: 'mixed' });
  for (let count = 0; count < 500; count++) {
    const { subject, payload, events } = generator.message();
    expect(events).toHaveLength(1);
    expect(JSON.parse(payload)).toEqual(events[0]?.event);
    expect(subject).toMatch(/^events\.[\w$-]+$/);
  }
});

test('a message of several events is a list or an HTTP body, of one shape', () => {
  const generator = createGenerator({ shape: 'mixed', eventsPerMessage: 10 });
  const forms = new Set<string>();
  for (let count = 0; count < 200; count++) {
    const { subject, payload, events } = generator.message();
    const body = JSON.parse(payload) as unknown[] | { api_key: string; events: unknown[] };
    expect(subject).toBe('events.batch');
    expect(Array.isArray(body) ? body : body.events).toEqual(events.map(({ event }) => event));
    expect(new Set(events.map(({ shape }) => shape)).size).toBe(1);
    forms.add(`${events[0]?.shape} ${Array.isArray(body) ? 'list' : 'body'}`);
  }
  expect(forms).toEqual(new Set(['http list', 'http body', 'export list']));
});

test('options out of their range are refused with their names', () => {
  expect(() => createGenerator({ users: 0, anonymousShare: 2 })).toThrow(/users: .*; anonymousShare: /);
  expect(() => createGenerator({ rate: 0 })).toThrow(RangeError);
});
