import { dirname, isAbsolute, join } from 'node:path';
import type { RuleDocument } from './document.ts';
import { expressionFault, expressionWarnings } from './expression.ts';
import { notJsonata } from './issues.ts';
import { pathText, type Problem } from './problems.ts';
import { readText } from './text-file.ts';

/** The expression of `events.filter` if there is one, or what is wrong with the file that holds it. */
export interface Filter {
  readonly text?: string;
  /** The file that it stands in, which may not exist; absent if it stands in the rule itself. */
  readonly file?: string;
  /** What is odd about an expression in a file of its own. */
  readonly warnings?: readonly Problem[];
  readonly problem?: Problem;
}

const filterPath = ['events', 'filter'];

/**
 * Reads `events.filter`, from its file if it names one. An expression in such a file is checked here; one in the rule
 * itself is checked by the schema.
 */
export async function readFilter(document: RuleDocument): Promise<Filter> {
  const inline = document.textAt(filterPath);
  if (inline !== undefined) return { text: inline };
  const path = [...filterPath, 'file'];
  const named = document.textAt(path);
  if (named === undefined || named === '' || document.isOpen(path)) return {};

  const file = isAbsolute(named) ? named : join(dirname(document.file), named);
  const wrong = (what: string): Filter => ({
    file,
    problem: document.problem(path, `the file ${document.shown(path)} ${what}`),
  });
  const read = await readText(file);
  if ('fault' in read) return wrong(`${read.fault}; name it as seen from the folder of the rule`);
  const fault = expressionFault(read.text);
  if (fault === undefined) return { text: read.text, file, warnings: warningsIn(file, read.text) };
  if (document.isSecret(path)) return wrong(`holds no JSONata (${fault.code})`);
  const message = notJsonata(fault.words, fault.code);
  const problem = { file, ...placeOf(read.text, fault.offset), path: pathText(filterPath), message };
  return { file, problem: { ...problem, severity: 'error' } };
}

function warningsIn(file: string, text: string): readonly Problem[] {
  return expressionWarnings(text).map(({ words, offset }) => ({
    file,
    ...placeOf(text, offset),
    path: pathText(filterPath),
    message: words,
    severity: 'warning',
  }));
}

function placeOf(text: string, offset: number): { readonly line: number; readonly col: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, col: (before.at(-1) ?? '').length + 1 };
}
