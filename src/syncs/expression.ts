import { z } from 'zod';
import { compile, ExpressionError, lint } from '../jsonata/index.ts';

/** Why an expression cannot be used. */
export interface ExpressionFault {
  /** JSONata's error code. */
  readonly code: string;
  /** JSONata's words, which may quote the expression. */
  readonly words: string;
  /** The first character of what is wrong, counted from the start of the expression. */
  readonly offset: number;
}

/** What is wrong with an expression, if anything is. */
export function expressionFault(text: string): ExpressionFault | undefined {
  if (text.trim() === '') return { code: 'S0207', words: 'The expression is empty', offset: 0 };
  try {
    compile(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { code: error.code, words: error.message, offset: startOfToken(text, error.position) };
  }
}

/** What an expression that can be used was hardly meant to say. */
export interface ExpressionWarning {
  readonly words: string;
  /** Counted from the start of the expression. */
  readonly offset: number;
}

/** What is odd about an expression that parses. */
export function expressionWarnings(text: string): readonly ExpressionWarning[] {
  if (expressionFault(text) !== undefined) return [];
  const warnings = lint(text).map(({ message, position }) => ({
    words: message,
    offset: startOfToken(text, position),
  }));
  const { interpretedBecause } = compile(text);
  if (interpretedBecause === undefined) return warnings;
  const slow = `the expression is not compiled but interpreted, which is slow: ${interpretedBecause}`;
  return [...warnings, { words: slow, offset: 0 }];
}

/** A JSONata expression. The parameters of its issue are an `ExpressionFault`. */
export const expression = z.string().superRefine((text, context) => {
  const fault = expressionFault(text);
  if (fault !== undefined)
    context.addIssue({ code: 'custom', message: 'is not a JSONata expression', params: { fault } });
});

/** JSONata's position is where its lexer stood: behind the token that it complains about. */
function startOfToken(text: string, position: number): number {
  let start = Math.max(0, Math.min(position, text.length) - 1);
  if (!isWord(text, start)) return start;
  while (start > 0 && isWord(text, start - 1)) start--;
  return start;
}

function isWord(text: string, index: number): boolean {
  return /[\w$]/.test(text.charAt(index));
}
