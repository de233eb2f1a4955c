/** Something in a rule file that is wrong, or that was hardly meant. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly col: number;
  /** The field, such as `events.select[1].where`; `(file)` for the file as a whole. */
  readonly path: string;
  /** What is wrong and the way out, in one line. Never holds a secret. */
  readonly message: string;
  /** A rule with an error cannot be run; one with a warning can. */
  readonly severity: 'error' | 'warning';
}

/** The steps from the top of a rule file to a value: keys, and places in lists. */
export type Path = readonly PropertyKey[];

/** The field whose value is never shown, nor what is found inside it. */
export const secretField = 'destination.apiKey';

/** A path as people write it: `events.properties[2].expr`. */
export function pathText(path: Path): string {
  if (path.length === 0) return '(file)';
  return path.map((step, depth) => (typeof step === 'number' ? `[${step}]` : keyText(String(step), depth))).join('');
}

/** The form in which problems are printed: `file:line:col: path: message`, always one line. */
export function formatProblem({ file, line, col, path, message }: Problem): string {
  return oneLine(`${file}:${line}:${col}: ${path}: ${message}`);
}

/** By file, then by place. */
export function compareProblems(a: Problem, b: Problem): number {
  return compareText(a.file, b.file) || a.line - b.line || a.col - b.col || compareText(a.path, b.path);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function keyText(key: string, depth: number): string {
  if (!/^[\w$-]+$/.test(key)) return `[${JSON.stringify(key)}]`;
  return depth === 0 ? key : `.${key}`;
}

/** Control characters are written as escapes: a rule file has no say over the lines and colours of a terminal. */
function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
