import type { z } from 'zod';
import { suggest } from '../core/suggest.ts';
import type { RuleDocument } from './document.ts';
import type { ExpressionFault } from './expression.ts';
import { destinationType, destinationTypes } from './destination-type.ts';
import { fieldAt, fieldsAt, fieldsByType } from './fields.ts';
import { type Path, pathText, type Problem } from './problems.ts';
import type { DestinationType } from './schema.ts';

type Issue = z.core.$ZodIssue;

/**
 * What the schema has against a rule, in plain words and with places. A value that waits for an unset variable is
 * passed over: nothing can be said about it.
 */
export function problemsOf(issues: readonly Issue[], document: RuleDocument): readonly Problem[] {
  return plainIssues(issues)
    .filter(({ path }) => !document.isOpen(path))
    .flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue, document) : [problemOf(issue, document)],
    );
}

/** The issues with each union replaced by what the alternative says that the value was most likely meant for. */
export function plainIssues(issues: readonly Issue[], parent: Path = []): readonly Issue[] {
  return issues.flatMap((issue) => {
    const here = { ...issue, path: [...parent, ...issue.path] } as Issue;
    if (here.code !== 'invalid_union') return [here];
    const candidates = here.errors.filter((errors) => !errors.some(isOtherKind));
    const nearest = candidates.sort((a, b) => weight(a) - weight(b))[0];
    return nearest === undefined ? [here] : plainIssues(nearest, here.path);
  });
}

/** An alternative of another kind than the value: text where a mapping stands. */
function isOtherKind({ code, path }: Issue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

/** An unknown key weighs most: it tells the alternatives of a mapping apart. */
function weight(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
}

function problemOf(issue: Issue, document: RuleDocument): Problem {
  const fault = issue.code === 'custom' ? (issue.params?.['fault'] as ExpressionFault | undefined) : undefined;
  if (fault !== undefined) return expressionProblem(document, issue.path, fault);
  const message = messageOf(issue, document).replaceAll('{value}', () => document.shown(issue.path));
  return document.problem(issue.path, message);
}

/** A problem with an expression of the file. JSONata's words quote it, so they are left out when it is not to be shown. */
function expressionProblem(document: RuleDocument, path: Path, { code, words, offset }: ExpressionFault): Problem {
  if (document.isSecret(path)) return document.problem(path, `${document.shown(path)} is not JSONata (${code})`);
  return document.problem(path, notJsonata(words, code), offset);
}

/** What is said about an expression that does not parse, with JSONata's own words. */
export function notJsonata(words: string, code: string): string {
  return `this is not JSONata: ${words} (${code})`;
}

function unknownKeys(issue: Extract<Issue, { code: 'unrecognized_keys' }>, document: RuleDocument): readonly Problem[] {
  const type = destinationType(document);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const other = destinationTypes.find(
      (name) => name !== type && fieldAt(path, name as DestinationType) !== undefined,
    );
    if (other !== undefined) {
      const message = `\`${key}\` is for destination.type: ${other}, and this sync's is ${type}; leave it out`;
      return document.problem(path, message, 'key');
    }
    return document.problem(path, `unknown key \`${key}\`; ${wayOut(key, issue.path, type)}`, 'key');
  });
}

function wayOut(key: string, parent: Path, type: DestinationType): string {
  const known = [...new Set(fieldsAt(parent, type).map((field) => field.key))];
  const meant = suggest(key, known);
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  const elsewhere = fieldsByType[type].find((field) => field.key === key);
  if (elsewhere !== undefined)
    return `it belongs ${elsewhere.parent === '' ? 'at the top of the file' : `under ${elsewhere.parent}`}`;
  return `the keys here are ${known.join(', ')}`;
}

function messageOf(issue: Issue, document: RuleDocument): string {
  if (issue.code === 'invalid_type') return typeMessage(issue.expected, issue.path, document);
  if (issue.code === 'invalid_value') return valueMessage(valuesOf(issue), issue.path, document);
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}, and is {value}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}, and is {value}`;
  // The schema has its own words for everything else.
  return issue.message;
}

function typeMessage(expected: string, path: Path, document: RuleDocument): string {
  const type = types[expected] ?? expected;
  const field = fieldAt(path, destinationType(document));
  if (document.has(path)) {
    if (expected === 'array') return `takes ${type}, not {value}; write each item on a line of its own, after "- "`;
    if (expected === 'string') return `takes ${type}, not {value}; put it in quotes if that is the text`;
    return `takes ${type}, not {value}`;
  }
  if (typeof field?.example === 'string') return `is missing; add ${field.key}: ${field.example}`;
  return `is missing; it takes ${type}`;
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
};

/** Each schema knows its own type alone. */
function valuesOf({ path, values }: Extract<Issue, { code: 'invalid_value' }>): readonly string[] {
  return pathText(path) === 'destination.type' ? destinationTypes : values.map(String);
}

function valueMessage(values: readonly string[], path: Path, document: RuleDocument): string {
  if (!document.has(path)) return `is missing; it takes ${values.join(', ')}`;
  const meant = document.isSecret(path) ? undefined : suggest(document.textAt(path) ?? '', values);
  return `takes ${values.join(', ')}, not {value}` + (meant === undefined ? '' : `; did you mean ${meant}?`);
}
