import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkEvents } from '../../src/gateway/check-events.ts';
import { Refusal } from '../../src/gateway/refusal.ts';

const facts = { depth: Number.POSITIVE_INFINITY, minIdLength: 5, receivedAt: 1_760_000_000_000, address: '192.0.2.1' };

const id = fc.uuid();
const valid = fc.record(
  {
    event_type: fc.string({ minLength: 1 }).filter((type) => type.trim() !== ''),
    user_id: id,
    device_id: fc.option(id),
    time: fc.option(fc.maxSafeNat()),
    insert_id: fc.string(),
    event_properties: fc.option(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))),
    price: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    app_version: fc.anything(),
  },
  { requiredKeys: ['event_type', 'user_id'] },
);

/** Ways to spoil an event: what is wrong in which field. */
const flaws: readonly (readonly [kind: 'missing' | 'invalid', field: string, value: unknown])[] = [
  ['missing', 'event_type', undefined],
  ['missing', 'event_type', '\t'],
  ['invalid', 'event_type', 7],
  ['invalid', 'time', '2026-01-01T00:00:00Z'],
  ['invalid', 'time', 1.5],
  ['invalid', 'user_id', 12_345],
  ['invalid', 'event_properties', 'text'],
  ['invalid', 'user_properties', []],
  ['invalid', 'session_id', true],
  ['invalid', 'revenue', '9.99'],
];

test('what is valid is taken, and nothing that was sent is changed but what Amplitude changes', () => {
  fc.assert(
    fc.property(fc.array(valid), (events) => {
      const checked = checkEvents(events, facts);
      expect(checked).toHaveLength(events.length);
      for (const [index, { event, changes }] of checked.entries()) {
        const sent = events[index];
        expect(event).toBe(sent);
        expect(changes).toEqual(typeof sent?.time === 'number' ? undefined : { time: facts.receivedAt });
      }
    }),
  );
});

test('exactly what is wrong is named, by field and index', () => {
  const choice = fc.tuple(valid, fc.option(fc.constantFrom(...flaws), { freq: 2 }));
  fc.assert(
    fc.property(fc.array(choice, { minLength: 1 }), (choices) => {
      const named = { missing: new Map<string, number[]>(), invalid: new Map<string, number[]>() };
      const events = choices.map(([event, flaw], index) => {
        if (flaw === null) return event;
        const [kind, field, value] = flaw;
        named[kind].set(field, [...(named[kind].get(field) ?? []), index]);
        return { ...event, [field]: value };
      });
      const refusal = refusalOf(events);
      const wrong = named.missing.size + named.invalid.size > 0;
      expect(refusal?.status).toBe(wrong ? 400 : undefined);
      expect(refusal?.fields.events_with_missing_fields ?? {}).toEqual(Object.fromEntries(named.missing));
      expect(refusal?.fields.events_with_invalid_fields ?? {}).toEqual(Object.fromEntries(named.invalid));
    }),
  );
});

test('nothing that can be posted makes the check fail in another way', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...fields), fc.anything()))),
      (events) => {
        const refusal = refusalOf(events);
        if (refusal === undefined) return;
        const { events_with_missing_fields, events_with_invalid_fields, events_with_invalid_id_lengths } =
          refusal.fields;
        const indexes = [
          events_with_missing_fields,
          events_with_invalid_fields,
          events_with_invalid_id_lengths,
        ].flatMap((named) => Object.values(named ?? {}).flat());
        expect(indexes.length).toBeGreaterThan(0);
        for (const index of indexes) expect(index).toBeLessThan(events.length);
      },
    ),
  );
});

const fields = ['event_type', 'user_id', 'device_id', 'time', 'event_properties', 'insert_id', 'ip', 'groups'] as const;

function refusalOf(events: readonly unknown[]): Refusal | undefined {
  try {
    checkEvents(events, facts);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
