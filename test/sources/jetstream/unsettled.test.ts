import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StreamMessage } from '../../../src/sources/jetstream/stream-message.ts';
import { Unsettled } from '../../../src/sources/jetstream/unsettled.ts';

type Numbered = Pick<StreamMessage, 'sequence'>;

const sequence = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 2 ** 40, max: 2 ** 40 + 40 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const step = fc.record({ kind: fc.constantFrom('add', 'delete'), sequence });

test('holds what a Map of the same messages would hold, whatever comes and goes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
      const unsettled = new Unsettled<Numbered>(capacity);
      const model = new Map<number, Numbered>();
      for (const { kind, sequence } of steps) {
        const message = { sequence };
        if (kind === 'add') {
          unsettled.add(message);
          model.set(sequence, message);
        } else {
          unsettled.delete(sequence);
          model.delete(sequence);
        }
        expect(unsettled.size).toBe(model.size);
        expect(unsettled.get(sequence)).toBe(model.get(sequence));
      }
      for (const [number, message] of model) expect(unsettled.get(number)).toBe(message);
      expect(new Set(unsettled.values())).toEqual(new Set(model.values()));
    }),
    { numRuns: 500 },
  );
});
