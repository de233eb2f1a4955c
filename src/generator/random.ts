/** A stream of numbers, each at least 0 and below 1. The same seed gives the same stream on every machine. */
export type Random = () => number;

/**
 * sfc32, Chris Doty-Humphrey's small fast chaotic generator (pracrand.sourceforge.net): 128 bits of state, which
 * is plenty for test data and nothing for secrets.
 *
 * @param seed any safe integer
 * @param lane several independent streams can be drawn from one seed
 */
export function createRandom(seed: number, lane = 0): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = lane | 0;
  let counter = 1;
  const random = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Seeds that differ in one bit give like numbers until the state is mixed.
  for (let round = 0; round < 15; round++) random();
  return random;
}

/** A whole number from `low` to `high`, both included. */
export function integer(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** One of the values of a list that is not empty. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** A UUID of version 4 (RFC 9562) whose 122 free bits come from `random`. */
export function uuid(random: Random): string {
  const [a, b, c, d] = [hex32(random), hex32(random), hex32(random), hex32(random)];
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(random: Random): string {
  const bits = random() * 2 ** 32;
  return `${bytes[bits >>> 24]}${bytes[(bits >>> 16) & 255]}${bytes[(bits >>> 8) & 255]}${bytes[bits & 255]}`;
}
