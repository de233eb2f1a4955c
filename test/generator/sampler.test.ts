import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/generator/random.ts';
import { createSampler, zipfWeights } from '../../src/generator/sampler.ts';

test('each index is drawn in proportion to its weight', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }), fc.maxSafeInteger(), (weights, seed) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      fc.pre(total > 0);
      const draws = 5000;
      const counts = weights.map(() => 0);
      const sample = createSampler(weights);
      const random = createRandom(seed);
      for (let draw = 0; draw < draws; draw++) {
        const index = sample(random);
        counts[index] = (counts[index] ?? 0) + 1;
      }
      for (const [index, weight] of weights.entries()) {
        const expected = (draws * weight) / total;
        expect(Math.abs((counts[index] ?? 0) - expected)).toBeLessThanOrEqual(6 * Math.sqrt(expected));
      }
    }),
    // Chance is not to fail a build.
    { seed: 1 },
  );
});

test('Zipf weights fall with the rank, and are all alike at exponent 0', () => {
  expect([...zipfWeights(4, 1)]).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
  expect([...zipfWeights(3, 0)]).toEqual([1, 1, 1]);
});
