import { type Document, type ErrorCode, isAlias, isMap, isScalar, isSeq, type LineCounter, visit } from 'yaml';
import { type Path, pathText, type Problem, secretField } from './problems.ts';

/**
 * What is wrong with the YAML itself: at most one problem a line, since one slip makes a parser complain many times.
 * The parser's own words are not used, because they quote the file, which may hold a secret.
 */
export function syntaxProblems(file: string, document: Document.Parsed, lines: LineCounter): readonly Problem[] {
  const problems = new Map<number, Problem>();
  const add = (offset: number, message: string, path = pathAt(document.contents, offset)) => {
    const { line, col } = lines.linePos(offset);
    if (problems.has(line)) return;
    problems.set(line, { file, line, col, path: pathText(path), message, severity: 'error' });
  };
  for (const { code, pos } of [...document.errors, ...document.warnings])
    add(pos[0], words[code] ?? `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`);
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined)
        add(
          alias.range?.[0] ?? 0,
          'no anchor before this alias has its name; to begin text with `*`, put it in quotes',
        );
    },
  });
  if (problems.size === 0 && document.contents === null) add(0, 'the file is empty', []);
  if (problems.size === 0) {
    const fault = aliasFault(document);
    if (fault !== undefined) add(0, fault, []);
  }
  return [...problems.values()];
}

/** Aliases can unfold to more than a machine holds, or be merged where there is nothing to merge. */
function aliasFault(document: Document.Parsed): string | undefined {
  try {
    document.toJS({ maxAliasCount });
    return undefined;
  } catch (error) {
    return error instanceof ReferenceError
      ? 'the aliases unfold to more than a rule can need; write the values out'
      : 'what `<<` merges is no mapping; merge an anchored mapping, or leave it out';
  }
}

/** How many nodes aliases may unfold to. */
const maxAliasCount = 100;

const words: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias has no name; to select all events, write "*" in quotes',
  BAD_DQ_ESCAPE: 'YAML has no such escape; write the text in single quotes',
  BAD_INDENT: 'the indentation does not match the lines around it, or a bracket or a quote before it stays open',
  BAD_SCALAR_START: 'text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping begins inside a value; put text that holds ": " in quotes',
  DUPLICATE_KEY: 'the key is written twice; leave one out',
  MISSING_CHAR: 'a quote, a bracket or a comma is missing',
  MULTIPLE_DOCS: 'the file holds more than one document; give each sync a file of its own',
  NON_STRING_KEY: 'a key has to be text',
  TAB_AS_INDENT: 'YAML cannot be indented by tabs; use spaces',
  TAG_RESOLVE_FAILED: 'a rule has no tags; to begin text with `!`, put it in quotes',
  UNEXPECTED_TOKEN:
    'unexpected text; put text that begins with [ or {, or that holds { } [ ] inside { } or [ ], in quotes',
};

/** The path of the innermost value around an offset, but never into the secret: without quotes, a part of it can look like a key. */
function pathAt(node: unknown, offset: number): Path {
  const path = innermost(node, offset);
  return path.slice(0, 2).join('.') === secretField ? path.slice(0, 2) : path;
}

function innermost(node: unknown, offset: number): Path {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key) && (contains(key, offset) || contains(value, offset)))
        return [String(key.value), ...innermost(value, offset)];
    }
  }
  if (isSeq(node)) {
    const index = node.items.findIndex((item) => contains(item, offset));
    if (index !== -1) return [index, ...innermost(node.items[index], offset)];
  }
  return [];
}

function contains(node: unknown, offset: number): boolean {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return false;
  const [start, end] = node.range ?? [0, -1];
  return start <= offset && offset <= end;
}
