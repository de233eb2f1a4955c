import { ConfigError, UsageError } from '../core/errors.ts';
import { compareProblems, formatProblem, type Problem } from './problems.ts';
import { findRuleFiles } from './rule-files.ts';
import { readRule, type Rule, type RuleOptions, unsetProblem } from './rule.ts';
import type { Sync } from './sync.ts';

/** What came of loading rules. */
export interface Loaded {
  /** The syncs without errors, disabled ones too, in the order of their files. */
  readonly syncs: readonly Sync[];
  /** All that is wrong, in all files; warnings too. By file and place. */
  readonly problems: readonly Problem[];
  /** The rule files that were read. */
  readonly files: readonly string[];
  /** The filter files that the rules name; some may not exist. */
  readonly filterFiles: readonly string[];
  /** The rule files with errors, and the names that stand in them, as far as they can be read. */
  readonly broken: readonly { readonly file: string; readonly name: string | undefined }[];
  /** The environment variables that the rules use and that are unset or empty. */
  readonly unset: readonly string[];
}

/**
 * Loads the rules under files and folders. What is wrong with them is told, never thrown; only for a path that does
 * not exist, or is no rule file, a UsageError is thrown.
 */
export async function loadSyncs(paths: string | readonly string[], options: RuleOptions): Promise<Loaded> {
  const files = await findRuleFiles(typeof paths === 'string' ? [paths] : paths);
  const rules = await Promise.all(files.map(async (file) => await readRule(file, options)));
  const doubles = doubleNames(rules);
  const problems = [...rules.flatMap((rule) => rule.problems), ...doubles.values()];
  return {
    syncs: rules.flatMap(({ sync, file }) => (sync === undefined || doubles.has(file) ? [] : [sync])),
    problems: distinct(problems).sort(compareProblems),
    files,
    filterFiles: [...new Set(rules.flatMap(({ filterFile }) => (filterFile === undefined ? [] : [filterFile])))],
    broken: rules
      .filter(({ sync, file }) => sync === undefined || doubles.has(file))
      .map(({ file, document }) => ({ file, name: nameIn(document) })),
    unset: [...new Set(rules.flatMap(({ unset }) => unset.map(({ name }) => name)))].sort(),
  };
}

/** As `loadSyncs`; but throws a ConfigError that lists all problems if there is an error among them. */
export async function loadSyncsOrThrow(paths: string | readonly string[], options: RuleOptions): Promise<Loaded> {
  const loaded = await loadSyncs(paths, options);
  throwErrors(loaded.problems);
  return loaded;
}

/**
 * Loads one rule file for a run that sends nothing. The variables of `destination` may be unset, since they decide
 * nothing then; the sync has what the file has in their place.
 *
 * Throws a ConfigError for anything else that is wrong, and a UsageError if there is no such rule file.
 */
export async function loadSyncForDryRun(file: string, env: RuleOptions['env']): Promise<Sync> {
  const [found] = await findRuleFiles([file]);
  if (found !== file) throw new UsageError(`${file} is not one rule file; name the file of one sync`);
  const { sync, problems, unset, document } = await readRule(file, { env, missingEnv: 'placeholder' });
  const needed = unset.filter(({ path }) => sync === undefined || path[0] !== 'destination');
  const open = document === undefined ? [] : needed.map((variable) => unsetProblem(document, variable));
  throwErrors([...problems, ...open].sort(compareProblems));
  if (sync === undefined) throw new ConfigError(`${file} is no rule`);
  return sync;
}

function throwErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new ConfigError(`the rules are wrong:\n${errors.map(formatProblem).join('\n')}`);
}

/** The rules that take a name which a rule before them has, by file: they would share a consumer. */
function doubleNames(rules: readonly Rule[]): ReadonlyMap<string, Problem> {
  const owners = new Map<string, string>();
  const doubles = new Map<string, Problem>();
  for (const { file, document } of rules) {
    const name = nameIn(document);
    if (document === undefined || name === undefined) continue;
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, file);
    else
      doubles.set(
        file,
        document.problem(['name'], `${owner} has the name ${document.shown(['name'])} already; choose another`),
      );
  }
  return doubles;
}

function nameIn(document: Rule['document']): string | undefined {
  return document?.isOpen(['name']) === true ? undefined : document?.textAt(['name']);
}

/** Rules may share a filter file; what is wrong in it is told once. */
function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}
