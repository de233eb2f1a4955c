import type { z } from 'zod';
import { isRecord } from '../core/event.ts';
import { parseRule, RuleDocument } from './document.ts';
import { destinationType } from './destination-type.ts';
import { expressionWarnings } from './expression.ts';
import { readFilter } from './filter.ts';
import type { Environment } from './interpolate.ts';
import { plainIssues, problemsOf } from './issues.ts';
import { loopsOf } from './loops.ts';
import { type Path, pathText, type Problem } from './problems.ts';
import { schemas, type SyncFile } from './schema.ts';
import { resolveSync, type Sync } from './sync.ts';
import { readText } from './text-file.ts';

/** How rule files are read. */
export interface RuleOptions {
  /** Where the variables of rule files are looked up. */
  readonly env: Environment;
  /**
   * What an unset variable is: an `error` unless the sync is disabled (the default), or a `placeholder`, which nothing
   * is said about. A sync with placeholders must not be run.
   */
  readonly missingEnv?: 'error' | 'placeholder';
}

/** What a rule file turned out to be. */
export interface Rule {
  readonly file: string;
  /** Absent when there are errors, or when it hangs on a variable that is not set. */
  readonly sync: Sync | undefined;
  readonly problems: readonly Problem[];
  /** The filter file that it names, which may not exist. */
  readonly filterFile?: string;
  /** The variables that are not set, where the file uses them. */
  readonly unset: readonly UnsetVariable[];
  /** Absent when the file is not YAML. */
  readonly document: RuleDocument | undefined;
}

export interface UnsetVariable {
  readonly name: string;
  readonly path: Path;
}

/** Reads one rule file and the filter that it names. Never throws for what is in them. */
export async function readRule(file: string, { env, missingEnv = 'error' }: RuleOptions): Promise<Rule> {
  const read = await readText(file);
  if ('fault' in read) return unreadable(file, [atTop(file, `the file ${read.fault}`)]);
  const document = parseRule(file, read.text);
  if (!(document instanceof RuleDocument)) return unreadable(file, document);

  const { problems: malformed, unset } = document.interpolate(env);
  const parsed = parse(document);
  const filter = await readFilter(document);
  const errors = [
    ...malformed,
    ...(missingEnv === 'error' && !isDisabled(document)
      ? unset.map((variable) => unsetProblem(document, variable))
      : []),
    ...problemsOf(parsed.error?.issues ?? [], document),
    ...(filter.problem === undefined ? [] : [filter.problem]),
  ];
  const warnings = parsed.success
    ? [...warningsOf(document, parsed.data), ...oddExpressions(document, parsed.data), ...(filter.warnings ?? [])]
    : [];
  const sync = errors.length === 0 && parsed.success ? resolveSync(file, parsed.data, filter.text) : undefined;
  return {
    file,
    sync,
    problems: [...errors, ...warnings],
    ...(filter.file !== undefined && { filterFile: filter.file }),
    unset,
    document,
  };
}

/** That a variable is not set, and where it is used. */
export function unsetProblem(document: RuleDocument, { name, path }: UnsetVariable): Problem {
  return document.problem(path, `the environment variable ${name} is unset or empty; set it`);
}

function unreadable(file: string, problems: readonly Problem[]): Rule {
  return { file, sync: undefined, problems, unset: [], document: undefined };
}

function atTop(file: string, message: string): Problem {
  return { file, line: 1, col: 1, path: pathText([]), message, severity: 'error' };
}

/** A sync that is off may wait for its secrets. */
function isDisabled(document: RuleDocument): boolean {
  const value = document.toValue();
  return isRecord(value) && value['enabled'] === false;
}

function parse(document: RuleDocument): z.ZodSafeParseResult<SyncFile> {
  const schema = schemas[destinationType(document)];
  const parsed = schema.safeParse(document.toValue());
  const mistyped = plainIssues(parsed.error?.issues ?? []).filter((issue) => issue.code === 'invalid_type');
  // What the environment holds is text; where the schema wants a number, text that is one was meant.
  const retyped = mistyped.filter(({ path, expected }) => document.retype(path, expected));
  return retyped.length === 0 ? parsed : schema.safeParse(document.toValue());
}

/** What can be run and was hardly meant. */
function warningsOf(document: RuleDocument, rule: SyncFile): readonly Problem[] {
  const warnings: Problem[] = [];
  const warn = (path: Path, message: string) =>
    warnings.push({ ...document.problem(path, message, 'key'), severity: 'warning' });
  if (rule.enabled && rule.events?.send !== true && !('users' in rule && rule.users?.send))
    warn(['enabled'], 'neither events nor users are sent; add events or users, or set enabled: false');
  if ('identifier' in rule && rule.identifier.type !== 'user_alias' && rule.destination.userAliasLabel !== undefined)
    warn(
      ['destination', 'userAliasLabel'],
      'is not used, since identifier.type is not user_alias; leave it out, or change the type',
    );
  for (const { path, message } of loopsOf(rule)) warn(path, message);
  return warnings;
}

/** What is odd about the expressions that stand in the rule file itself. */
function oddExpressions(document: RuleDocument, { events }: SyncFile): readonly Problem[] {
  if (events === undefined) return [];
  const { select, filter, properties } = events;
  const expressions: (readonly [path: Path, text: string])[] = [];
  if (typeof filter === 'string') expressions.push([['events', 'filter'], filter]);
  for (const [row, value] of select.entries()) {
    if (typeof value === 'object' && value.where !== undefined) {
      expressions.push([['events', 'select', row, 'where'], value.where]);
    }
  }
  for (const [row, value] of properties.entries()) {
    if (typeof value === 'object' && 'expr' in value)
      expressions.push([['events', 'properties', row, 'expr'], value.expr]);
  }
  return expressions.flatMap(([path, text]) =>
    expressionWarnings(text).map(({ words, offset }): Problem => ({
      ...document.problem(path, words, offset),
      severity: 'warning',
    })),
  );
}
