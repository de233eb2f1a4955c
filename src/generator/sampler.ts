import type { Random } from './random.ts';

/**
 * A sampler of indexes, each as likely as its weight, in constant time however many there are: the alias method as
 * Vose gave it (M. D. Vose, "A linear algorithm for generating random numbers with a given distribution", 1991).
 *
 * @param weights not negative, at least one above 0; they need not add up to 1
 */
export function createSampler(weights: ArrayLike<number>): (random: Random) => number {
  const size = weights.length;
  let total = 0;
  for (let index = 0; index < size; index++) total += weights[index] ?? 0;
  // Each slot keeps its own index with this probability, and gives way to its alias otherwise.
  const keep = Float64Array.from(weights, (weight) => (weight * size) / total);
  const alias = Uint32Array.from(weights, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (let index = 0; index < size; index++) (at(keep, index) < 1 ? small : large).push(index);
  let high = large.pop();
  for (let low = small.pop(); low !== undefined && high !== undefined; low = small.pop()) {
    alias[low] = high;
    keep[high] = at(keep, high) - (1 - at(keep, low));
    if (at(keep, high) < 1) {
      small.push(high);
      high = large.pop();
    }
  }
  return (random) => {
    const position = random() * size;
    const slot = Math.floor(position);
    return position - slot < at(keep, slot) ? slot : at(alias, slot);
  };
}

/** The weights of Zipf's law: the user of rank r, from 0, is seen in proportion to 1 / (r + 1) ^ exponent. */
export function zipfWeights(count: number, exponent: number): Float64Array {
  return Float64Array.from({ length: count }, (_, rank) => 1 / (rank + 1) ** exponent);
}

function at(values: Float64Array | Uint32Array, index: number): number {
  return values[index] ?? 0;
}
