import type { AST } from '@eslint-community/regexpp';

/** A set of characters: ranges of code points, in order, none touching another. */
export type Characters = readonly (readonly [from: number, to: number])[];

export const all: Characters = [[0, 0x10ffff]];
const digits: Characters = [[0x30, 0x39]];
const words: Characters = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]; // prettier-ignore
const spaces: Characters = [[0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff]]; // prettier-ignore
const lineEnds: Characters = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** The characters that a node matches. Where that is hard to say, more than it matches. */
export function charactersOf(
  node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass,
  ignoreCase: boolean,
): Characters {
  switch (node.type) {
    case 'Character':
      return cased([[node.value, node.value]], ignoreCase);
    case 'CharacterSet':
      return setOf(node);
    case 'CharacterClass': {
      const ranges = node.elements.flatMap((element): Characters => {
        if (element.type === 'CharacterClassRange') return [[element.min.value, element.max.value]];
        if (element.type === 'Character') return [[element.value, element.value]];
        return element.type === 'CharacterSet' ? setOf(element) : all;
      });
      const set = cased(ranges, ignoreCase);
      return node.negate ? complement(set) : set;
    }
    case 'ExpressionCharacterClass':
      break;
  }
  return all;
}

/** Whether a character is in both. */
export function overlap(a: Characters, b: Characters): boolean {
  let j = 0;
  for (const [from, to] of a) {
    while (j < b.length && (b[j]?.[1] ?? 0) < from) j++;
    if (j < b.length && (b[j]?.[0] ?? 0) <= to) return true;
  }
  return false;
}

function setOf(node: AST.CharacterSet): Characters {
  switch (node.kind) {
    case 'any':
      return complement(lineEnds);
    case 'digit':
      return node.negate ? complement(digits) : digits;
    case 'word':
      return node.negate ? complement(words) : words;
    case 'space':
      return node.negate ? complement(spaces) : spaces;
    case 'property':
      break;
  }
  return all;
}

/** With the other case of each letter. Beyond ASCII, of single characters only. */
function cased(ranges: Characters, ignoreCase: boolean): Characters {
  if (!ignoreCase) return union(ranges);
  const more = ranges.flatMap(([from, to]): Characters => {
    if (from === to) {
      const letter = String.fromCodePoint(from);
      return [letter.toLowerCase(), letter.toUpperCase()].map((other) => {
        const point = other.codePointAt(0) ?? from;
        return [point, point];
      });
    }
    return [...shifted(from, to, 0x41, 0x5a, 32), ...shifted(from, to, 0x61, 0x7a, -32)];
  });
  return union([...ranges, ...more]);
}

function shifted(from: number, to: number, first: number, last: number, by: number): Characters {
  const [low, high] = [Math.max(from, first), Math.min(to, last)];
  return low <= high ? [[low + by, high + by]] : [];
}

function union(ranges: Characters): Characters {
  const merged: [number, number][] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function complement(ranges: Characters): Characters {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [from, to] of union(ranges)) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= 0x10ffff) gaps.push([next, 0x10ffff]);
  return gaps;
}
