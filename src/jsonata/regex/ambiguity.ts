/**
 * In how many ways an automaton can read one text, which is how far a backtracking engine may go astray on it: Weber and
 * Seidl, "On the degree of ambiguity of finite automata" (1991). Assertions were left out, so that the answers are on
 * the safe side.
 */
import type { Automaton } from './automaton.ts';
import { overlap } from './characters.ts';
import { components } from './components.ts';

/** The places that lie on a loop together, by place. */
export interface Loops {
  readonly of: ReadonlyMap<number, readonly number[]>;
  readonly all: readonly (readonly number[])[];
}

export function loopsOf({ follow }: Automaton): Loops {
  const all = components(follow.length, (place) => follow[place]?.keys() ?? []).filter(
    ([place, ...more]) => more.length > 0 || (place !== undefined && follow[place]?.has(place) === true),
  );
  return { all, of: new Map(all.flatMap((loop) => loop.map((place) => [place, loop] as const))) };
}

/** Whether a loop reads some text in two ways: each further repetition then doubles the work. */
export function isExponential({ follow, characters }: Automaton, { all }: Loops): boolean {
  return all.some((loop) => {
    const inside = new Set(loop);
    if (loop.some((place) => [...(follow[place] ?? [])].some(([to, ways]) => ways > 1 && inside.has(to)))) return true;
    // Two walks over the loop at once: they start together, part, and meet again.
    const at = new Map(loop.map((place, i) => [place, i]));
    const size = loop.length;
    const pairs = components(size * size, function* next(pair) {
      const [a, b] = [loop[Math.floor(pair / size)] ?? 0, loop[pair % size] ?? 0];
      for (const x of follow[a]?.keys() ?? []) {
        for (const y of follow[b]?.keys() ?? []) {
          const [i, j] = [at.get(x), at.get(y)];
          if (i !== undefined && j !== undefined && overlap(characters[x] ?? [], characters[y] ?? []))
            yield i * size + j;
        }
      }
    });
    const together = (pair: number): boolean => Math.floor(pair / size) === pair % size;
    return pairs.some((component) => component.some(together) && !component.every(together));
  });
}

/** How many loops in a row can trade characters with each other: the work grows by that power of the length. */
export function degree(automaton: Automaton, loops: Loops): number {
  const memo = new Map<readonly number[], number>();
  const budget = { left: 2_000_000 };
  const longest = (loop: readonly number[]): number => {
    const known = memo.get(loop);
    if (known !== undefined) return known;
    // Loops of an automaton have an order, so that this ends.
    const after = loops.all.filter((other) => other !== loop && trades(automaton, loop, other, budget));
    const result = 1 + Math.max(0, ...after.map(longest));
    memo.set(loop, result);
    return result;
  };
  return Math.max(1, ...loops.all.map(longest));
}

/** Whether some text leads around one loop, from it to the other, and around that: it can be split between them anywhere. */
function trades(
  automaton: Automaton,
  one: readonly number[],
  other: readonly number[],
  budget: { left: number },
): boolean {
  if (!reaches(automaton, one, other)) return false;
  return one.some((p) => other.some((q) => splits(automaton, p, q, one, other, budget)));
}

function reaches({ follow }: Automaton, from: readonly number[], to: readonly number[]): boolean {
  const seen = new Set(from);
  const queue = [...from];
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    if (to.includes(place)) return true;
    for (const next of follow[place]?.keys() ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return false;
}

/** Three walks over one text: from p to p, from p to q, from q to q. */
function splits(
  { follow, characters }: Automaton,
  p: number,
  q: number,
  one: readonly number[],
  other: readonly number[],
  budget: { left: number },
): boolean {
  const size = follow.length;
  const [inOne, inOther] = [new Set(one), new Set(other)];
  const goal = (p * size + q) * size + q;
  const start = (p * size + p) * size + q;
  const seen = new Set([start]);
  const queue = [start];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    const [a, b, c] = [Math.floor(state / size / size), Math.floor(state / size) % size, state % size];
    for (const x of follow[a]?.keys() ?? []) {
      if (!inOne.has(x)) continue;
      for (const y of follow[b]?.keys() ?? []) {
        if (!overlap(characters[x] ?? [], characters[y] ?? [])) continue;
        for (const z of follow[c]?.keys() ?? []) {
          if (--budget.left < 0) return true;
          if (!inOther.has(z) || !overlap(characters[x] ?? [], characters[z] ?? [])) continue;
          if (!overlap(characters[y] ?? [], characters[z] ?? [])) continue;
          const next = (x * size + y) * size + z;
          if (next === goal) return true;
          if (seen.has(next)) continue;
          seen.add(next);
          queue.push(next);
        }
      }
    }
  }
  return false;
}

/** In how many ways the parts outside of loops can read one text: counted repetitions can make that astronomic. */
export function ways({ follow, characters, first }: Automaton, { of }: Loops): number {
  const size = follow.length;
  const together = readTogether({ follow, characters, first });
  let current = new Map(first);
  let most = 1;
  for (let length = 0; length < size && current.size > 0; length++) {
    most = Math.max(most, heaviest(current, together, size));
    const next = new Map<number, Map<number, number>>();
    for (const [place, count] of current)
      for (const [to, times] of follow[place] ?? [])
        if (of.get(place) === undefined || of.get(place) !== of.get(to))
          next.set(to, (next.get(to) ?? new Map<number, number>()).set(place, count * times));
    current = new Map([...next].map(([to, sources]) => [to, heaviest(sources, together, size)]));
  }
  return most;
}

/** The greatest sum over places that one text can lead to. */
function heaviest(counts: ReadonlyMap<number, number>, together: ReadonlySet<number>, size: number): number {
  let most = 0;
  for (const place of counts.keys()) {
    let total = 0;
    for (const [other, count] of counts) if (other === place || together.has(place * size + other)) total += count;
    most = Math.max(most, total);
  }
  return most;
}

/** The pairs of places that one text can lead to. */
function readTogether({
  follow,
  characters,
  first,
}: Pick<Automaton, 'follow' | 'characters' | 'first'>): ReadonlySet<number> {
  const size = follow.length;
  const seen = new Set<number>();
  const queue: number[] = [];
  const visit = (as: Iterable<number>, bs: readonly number[]): void => {
    for (const a of as)
      for (const b of bs) {
        const pair = a * size + b;
        if (seen.has(pair) || !overlap(characters[a] ?? [], characters[b] ?? [])) continue;
        seen.add(pair);
        queue.push(pair);
      }
  };
  visit(first.keys(), [...first.keys()]);
  for (let pair = queue.pop(); pair !== undefined; pair = queue.pop())
    visit(follow[Math.floor(pair / size)]?.keys() ?? [], [...(follow[pair % size]?.keys() ?? [])]);
  return seen;
}
