import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Scalar } from 'yaml';
import { type Environment, interpolate } from './interpolate.ts';
import { locate, scalars } from './locate.ts';
import { type Path, pathText, type Problem, secretField } from './problems.ts';
import { offsetInSource } from './scalar-offset.ts';
import { syntaxProblems } from './syntax.ts';

/** Stands in for an endpoint that is not known, where nothing will be sent. Names in `.invalid` never resolve (RFC 2606). */
const unknownEndpoint = 'https://unset.invalid';

/** The keys whose values are JSONata. */
const expressionKeys: ReadonlySet<unknown> = new Set(['where', 'filter', 'expr']);

/** Reads a rule file's text, or tells why it is not YAML. JSON is YAML, too. */
export function parseRule(file: string, text: string): RuleDocument | readonly Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, stringKeys: true });
  const problems = syntaxProblems(file, document, lines);
  return problems.length > 0 ? problems : new RuleDocument(file, text, document, lines);
}

/** A rule file that is YAML: its values, and where each of them stands. */
export class RuleDocument {
  readonly file: string;
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #interpolated = new Map<Scalar, Written>();

  constructor(file: string, text: string, document: Document.Parsed, lines: LineCounter) {
    this.file = file;
    this.#text = text;
    this.#document = document;
    this.#lines = lines;
  }

  /** The file's values. */
  toValue(): unknown {
    return this.#document.toJS();
  }

  /**
   * Replaces the variables in the file's texts: after parsing and never in a key, so that no value of the environment
   * changes the structure. Answers with what is wrong, and with the variables that are unset or empty.
   */
  interpolate(environment: Environment): {
    readonly problems: readonly Problem[];
    readonly unset: readonly { readonly name: string; readonly path: Path }[];
  } {
    const problems: Problem[] = [];
    const unset: { name: string; path: Path }[] = [];
    for (const [path, scalar] of scalars(this.#document.contents)) {
      const source = scalar.value;
      if (typeof source !== 'string' || !source.includes('${')) continue;
      const result = interpolate(source, environment, expressionKeys.has(path.at(-1)));
      const open = result.malformed || result.unset.length > 0;
      scalar.value = open && pathText(path) === 'destination.endpoint' ? unknownEndpoint : result.text;
      this.#interpolated.set(scalar, { source, secret: result.secret, open });
      unset.push(...result.unset.map((name) => ({ name, path })));
      if (result.malformed)
        problems.push(this.problem(path, 'holds `${` with no variable; write ${NAME}, or $${ for these characters'));
    }
    return { problems, unset };
  }

  /** Makes a number or a truth value of a text from the environment, where one is expected. Answers whether it did. */
  retype(path: Path, expected: string): boolean {
    const { value: scalar } = locate(this.#document, path);
    if (!isScalar(scalar) || this.#interpolated.get(scalar)?.secret !== true) return false;
    const text = String(scalar.value);
    if (expected === 'boolean' && /^(true|false)$/.test(text)) scalar.value = text === 'true';
    if ((expected === 'number' || expected === 'int') && /^\d+$/.test(text)) scalar.value = Number(text);
    return typeof scalar.value !== 'string';
  }

  /** Whether the value waits for a variable, so that nothing can be said about it. */
  isOpen(path: Path): boolean {
    return this.#written(path)?.open === true;
  }

  /** Whether the value is not to be shown: a part of it came from the environment, or it is the key. */
  isSecret(path: Path): boolean {
    return this.#written(path)?.secret === true || pathText(path) === secretField;
  }

  /** Whether the file has anything at a path, if only an empty value. */
  has(path: Path): boolean {
    return locate(this.#document, path).found;
  }

  /** The text at a path, if there is text. It may be a secret. */
  textAt(path: Path): string | undefined {
    const { value, found } = locate(this.#document, path);
    return found && isScalar(value) && typeof value.value === 'string' ? value.value : undefined;
  }

  /** The value in a form that may be shown: as it was written if it holds variables, and never the key. */
  shown(path: Path): string {
    const { value } = locate(this.#document, path);
    if (isMap(value)) return 'a mapping';
    if (isSeq(value)) return 'a list';
    if (!isScalar(value) || value.value === null) return 'nothing';
    const written = this.#interpolated.get(value)?.source;
    if (written === undefined && pathText(path) === secretField) return 'what is written here';
    return shorten(JSON.stringify(written ?? value.value));
  }

  /**
   * An error at the value of a path, or at the key above it if the file has no such value.
   *
   * @param place `key` to point at the key itself; a number to point at that character of a text
   */
  problem(path: Path, message: string, place: 'value' | 'key' | number = 'value'): Problem {
    const { line, col } = this.#lines.linePos(this.#offset(path, place));
    return { file: this.file, line, col, path: pathText(path), message, severity: 'error' };
  }

  #offset(path: Path, place: 'value' | 'key' | number): number {
    const { key, value, found } = locate(this.#document, path);
    const start = isNode(value) ? value.range?.[0] : undefined;
    if (typeof place === 'number' && isScalar(value) && !this.#interpolated.has(value))
      return offsetInSource(this.#text, value, place);
    const blank = isScalar(value) && value.value === null;
    const offset = found && !blank && place !== 'key' ? start : key?.range?.[0];
    return offset ?? start ?? 0;
  }

  #written(path: Path): Written | undefined {
    const { value } = locate(this.#document, path);
    return isScalar(value) ? this.#interpolated.get(value) : undefined;
  }
}

/** A text that held variables. */
interface Written {
  readonly source: string;
  /** A part of it came from the environment. */
  readonly secret: boolean;
  /** A part of it waits for a variable that is not set, or that is none. */
  readonly open: boolean;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 78)}…"` : text;
}
