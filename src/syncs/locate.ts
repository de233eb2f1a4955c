import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { Path } from './problems.ts';

/** Where a path leads in a document. */
export interface Location {
  /** The key of the value, or the innermost key on the way if the path breaks off. */
  readonly key: Scalar | undefined;
  /** The value, with aliases followed, or the innermost one on the way. */
  readonly value: unknown;
  /** Whether the path leads all the way. */
  readonly found: boolean;
}

/** Follows a path as the reader of the values would: through aliases, and through mappings merged by `<<`. */
export function locate(document: Document, path: Path): Location {
  let key: Scalar | undefined;
  let value: unknown = document.contents;
  for (const step of path) {
    const next = isMap(value) ? entryOf(document, value, String(step)) : itemOf(value, step);
    if (next === undefined) return { key, value, found: false };
    key = next.key;
    value = follow(document, next.value);
  }
  return { key, value, found: true };
}

/** Each scalar of a document once, where it is written, with its path. */
export function* scalars(node: unknown, path: Path = []): Generator<readonly [Path, Scalar]> {
  if (isScalar(node)) yield [path, node];
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* scalars(item, [...path, index]);
  if (isMap(node))
    for (const { key, value } of node.items) yield* scalars(value, [...path, isScalar(key) ? String(key.value) : '?']);
}

interface Step {
  readonly key: Scalar | undefined;
  readonly value: unknown;
}

function entryOf(document: Document, map: YAMLMap, name: string): Step | undefined {
  const pair = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
  if (pair !== undefined) return stepOf(pair);
  for (const merged of map.items.filter(({ key }) => isScalar(key) && key.value === '<<')) {
    const from = follow(document, merged.value);
    for (const item of isSeq(from) ? from.items : [from]) {
      const source = follow(document, item);
      const step = isMap(source) ? entryOf(document, source, name) : undefined;
      if (step !== undefined) return step;
    }
  }
  return undefined;
}

function stepOf({ key, value }: Pair): Step {
  return { key: isScalar(key) ? key : undefined, value };
}

function itemOf(value: unknown, step: PropertyKey): Step | undefined {
  if (!isSeq(value) || typeof step !== 'number' || step >= value.items.length) return undefined;
  return { key: undefined, value: value.items[step] };
}

function follow(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}
