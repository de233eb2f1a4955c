import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scan, TooComplexError } from '../../src/gateway/scan.ts';

const limits = { depth: 100, parts: 100_000, events: 1_000 };

const event = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }));
const others = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));

test('the spans of a body are its events, however it is written', () => {
  fc.assert(
    fc.property(fc.array(event), others, others, fc.integer({ min: 0, max: 3 }), (events, before, after, indent) => {
      const body = Buffer.from(JSON.stringify({ ...before, events, ...after }, null, indent));
      const spans = scan(body, limits).events;
      const { events: parsed } = JSON.parse(body.toString()) as { events: readonly unknown[] };
      // Not being sure is allowed, when a name is written with escapes or comes twice: events are then written anew.
      const told = spans?.map(({ start, end }) => JSON.parse(body.subarray(start, end).toString()) as unknown);
      const unsure = /\\|"events"/.test(JSON.stringify({ ...before, ...after }));
      expect(told?.length === parsed.length ? told : undefined).toEqual(
        unsure && told?.length !== parsed.length ? undefined : parsed,
      );
    }),
  );
});

test('how deep a body nests is told', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(scan(Buffer.from(JSON.stringify(value)), limits).depth).toBe(depthOf(value));
    }),
  );
});

test.each([
  ['twice', '{"events":[{"a":1}],"events":[{"b":2}]}'],
  ['by an escape', '{"events":[{"a":1}],"\\u0065vents":[{"b":2}]}'],
])('a list that is named %s is not trusted', (_, text) => {
  expect(scan(Buffer.from(text), limits).events).toBeUndefined();
});

test('any bytes at all are scanned without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(scan(bytes, limits)).toBeDefined();
    }),
  );
});

test('what nests too deep, or holds too much, is refused', () => {
  expect(() => scan(Buffer.from('['.repeat(101)), limits)).toThrow(TooComplexError);
  expect(() => scan(Buffer.from('{}'.repeat(25_001)), limits)).toThrow(TooComplexError);
  const events = (count: number) => Buffer.from(`{"events":[${'{},'.repeat(count - 1)}{}]}`);
  expect(() => scan(events(1_001), limits)).toThrow(TooComplexError);
  expect(scan(events(1_000), limits).events).toHaveLength(1_000);
  expect(() => scan(Buffer.from(`["${'['.repeat(1_000)}"]`), limits)).not.toThrow();
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
