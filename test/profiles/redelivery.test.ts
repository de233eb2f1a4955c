import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AmplitudeEvent } from '../../src/core/event.ts';
import type { Position } from '../../src/profiles/position.ts';
import { readState, type State, withUnsent, writeState } from '../../src/profiles/state.ts';
import { step } from '../../src/profiles/step.ts';
import { at, event, exported, identify, selecting } from './braze-user.ts';
import { frozen } from './frozen.ts';

const counting = selecting(['visits', 'plan', 'tags']);
const visit = identify({ $add: { visits: 1 } });

test('an event that comes again changes nothing and sends nothing', () => {
  const first = step(undefined, visit, at(7), counting);
  const second = step(first.state, visit, at(7), counting);
  expect(second).toMatchObject({ kind: 'repeated', attributes: undefined });
  expect(second.state).toBe(first.state);
});

test('an event that was sent and not written is sent the same once more', () => {
  const first = step(undefined, visit, at(7), counting);
  expect(step(undefined, visit, at(7), counting)).toEqual(first);
});

test('the events of one message are told apart', () => {
  const first = step(undefined, visit, at(7, 0), counting);
  const second = step(first.state, visit, at(7, 3), counting);
  expect(second.attributes).toEqual({ visits: 2 });
  for (const index of [0, 3]) expect(step(second.state, visit, at(7, index), counting).kind).toBe('repeated');
});

test('an event that comes late is applied once, after the newer ones', () => {
  const newer = step(undefined, visit, at(9), counting);
  const late = step(newer.state, visit, at(5), counting);
  expect(late.attributes).toEqual({ visits: 2 });
  for (const sequence of [5, 9]) expect(step(late.state, visit, at(sequence), counting).kind).toBe('repeated');
});

test('an event that changed nothing and comes again after a newer one does not take the user back', () => {
  const pro = identify({ $set: { plan: 'pro' } });
  const first = step(undefined, pro, at(5), counting);
  const same = step(first.state, pro, at(6), counting);
  expect(same.kind).toBe('unchanged');
  const newer = step(same.state, identify({ $set: { plan: 'free' } }), at(9), counting);
  const again = step(newer.state, pro, { ...at(6), redelivered: true }, counting);
  expect(again).toMatchObject({ kind: 'repeated', attributes: undefined });
  expect(again.state).toBe(newer.state);
});

test('a snapshot that comes late says nothing: the newer one said all', () => {
  const newer = step(undefined, exported({ plan: 'pro' }), at(9), counting);
  const late = step(newer.state, exported({ plan: 'free', visits: 1 }), at(5), counting);
  expect(late).toMatchObject({ kind: 'unchanged', attributes: undefined });
  expect(late.state).toBe(newer.state);
});

test('only messages that may come again are remembered one by one', () => {
  let state: State | undefined;
  for (let sequence = 1; sequence <= 10; sequence++) {
    state = step(state, visit, at(sequence, 0, sequence - 3), counting).state;
  }
  expect(state?.applied).toEqual({
    stream: 1,
    through: 7,
    messages: [
      [8, 0],
      [9, 0],
      [10, 0],
    ],
  });
  for (let sequence = 1; sequence <= 10; sequence++) {
    expect(step(state, visit, at(sequence), counting).kind).toBe('repeated');
  }
});

test('a state does not grow with the messages, even if nobody says which are settled', () => {
  let state: State | undefined;
  for (let sequence = 1; sequence <= 1_000; sequence++) state = step(state, visit, at(sequence), counting).state;
  expect(state?.applied.messages).toHaveLength(32);
  expect(step(state, visit, at(1), counting).kind).toBe('repeated');
});

test('a stream that was made anew counts from 1 again', () => {
  const old = step(undefined, visit, at(9_000), counting);
  const anew: Position = { ...at(1), stream: 2 };
  const first = step(old.state, visit, anew, counting);
  expect(first.attributes).toEqual({ visits: 2 });
  expect(step(first.state, visit, anew, counting).kind).toBe('repeated');
});

test('an event that comes again sends what Braze did not take, without being applied again', () => {
  const { state, attributes = {} } = step(undefined, visit, at(7), counting);
  const refused = state && withUnsent(state, attributes);
  const again = step(refused, visit, at(7), counting);
  expect(again).toMatchObject({ kind: 'update', attributes: { visits: 1 } });
  expect(step(again.state, visit, at(7), counting)).toMatchObject({ kind: 'repeated', attributes: undefined });
});

/** A process that follows one user: what it wrote survives, what it had at hand does not. */
class Process {
  readonly braze = new Map<string, unknown>();
  /** How many attribute values Braze was sent, and how many of them it had already. */
  sent = 0;
  repeated = 0;
  #written: string | undefined;
  readonly #acked = new Set<number>();
  readonly #messages: readonly (readonly AmplitudeEvent[])[];

  constructor(messages: readonly (readonly AmplitudeEvent[])[]) {
    this.#messages = messages;
  }

  /** Handles the messages that are not acked, in this order; `lives` says at each point whether it goes on. */
  run(order: readonly number[], lives: () => boolean): void {
    let state = this.#read();
    for (const sequence of order) {
      if (this.#acked.has(sequence)) continue;
      for (const [index, said] of (this.#messages[sequence - 1] ?? []).entries()) {
        const result = step(frozen(state), said, at(sequence, index, this.#floor()), counting);
        if (!lives()) return;
        this.#send(result.attributes ?? {});
        if (!lives()) return;
        if (result.state !== undefined && result.state !== state) this.#written = writeState(counting, result.state);
        if (!lives()) return;
        state = result.state;
      }
      this.#acked.add(sequence);
    }
  }

  #send(attributes: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(attributes)) {
      this.sent++;
      if (JSON.stringify(this.braze.get(name) ?? null) === JSON.stringify(value)) this.repeated++;
      if (value === null) this.braze.delete(name);
      else this.braze.set(name, value);
    }
  }

  #read(): State | undefined {
    if (this.#written === undefined) return undefined;
    const read = readState(counting, this.#written);
    if ('fault' in read) throw new Error(read.fault);
    return read.state;
  }

  #floor(): number {
    let floor = 0;
    while (this.#acked.has(floor + 1)) floor++;
    return floor;
  }
}

const said = fc.oneof(
  fc.constant(visit),
  fc.constantFrom('free', 'pro', null).map((plan) => event({ plan })),
  fc.constantFrom('a', 'b').map((tag) => identify({ $append: { tags: tag } })),
  fc.constantFrom('a', 'b').map((tag) => identify({ $remove: { tags: tag } })),
  fc.constantFrom(1, 2).map((visits) => identify({ $set: { visits } })),
  fc.constant(identify({ $clearAll: '-' })),
);
const streams = fc.array(fc.array(said, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });

test('through crashes at any moment, Braze ends with what it would have had without', () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat({ max: 12 }), { maxLength: 10 }), (messages, lifetimes) => {
      const order = messages.map((_, index) => index + 1);
      const undisturbed = new Process(messages);
      undisturbed.run(order, () => true);
      expect(undisturbed.repeated).toBe(0);

      const crashing = new Process(messages);
      for (const lifetime of lifetimes) {
        let left = lifetime;
        crashing.run(order, () => left-- > 0);
      }
      crashing.run(order, () => true);
      expect(crashing.braze).toEqual(undisturbed.braze);
      expect(crashing.sent - crashing.repeated).toBe(undisturbed.sent);
      // What is sent twice was sent just before a crash: three attributes at most.
      expect(crashing.repeated).toBeLessThanOrEqual(3 * lifetimes.length);
    }),
    { numRuns: 500 },
  );
});

test('in whatever order messages come again, each counts once', () => {
  const visits = fc.integer({ min: 1, max: 20 }).map((count) => Array.from({ length: count }, () => [visit]));
  const lives = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat()), { maxLength: 6 });
  fc.assert(
    fc.property(visits, lives, (messages, crashes) => {
      const order = messages.map((_, index) => index + 1);
      const crashing = new Process(messages);
      for (const [lifetime, turn] of crashes) {
        let left = lifetime;
        const from = turn % order.length;
        crashing.run([...order.slice(from), ...order.slice(0, from)], () => left-- > 0);
      }
      crashing.run(order, () => true);
      expect(crashing.braze.get('visits')).toBe(messages.length);
    }),
    { numRuns: 500 },
  );
});
