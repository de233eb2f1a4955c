import { fail } from './failure.ts';

/** Checks the arguments of a call and completes them, as the signature of the function says. */
export type Signature = (args: readonly unknown[], context: unknown) => readonly unknown[];

interface Parameter {
  readonly type: string;
  readonly regex: string;
  /** What the context must be to stand in for a missing argument. */
  readonly context?: RegExp;
  /** The type of the members of an array. */
  readonly subtype?: string;
}

/** Reads a signature such as `<s-(sf)n?:s>`: https://docs.jsonata.org/programming#function-signatures. */
export function parseSignature(definition: string): Signature {
  const parameters = parametersOf(definition);
  const whole = new RegExp(`^${parameters.map((parameter) => `(${parameter.regex})`).join('')}$`);
  return (args, context) => {
    let supplied = '';
    for (const arg of args) supplied += symbolOf(arg);
    const match = whole.exec(supplied);
    if (match === null) return failAt(parameters, args, supplied);
    return complete(parameters, match, args, context);
  };
}

function parametersOf(definition: string): readonly Parameter[] {
  const parameters: Parameter[] = [];
  const amend = (change: (last: Parameter) => Partial<Parameter>): void => {
    const last = parameters.pop();
    if (last !== undefined) parameters.push({ ...last, ...change(last) });
  };
  for (let at = 1; at < definition.length && definition[at] !== ':'; at++) {
    const symbol = definition.charAt(at);
    switch (symbol) {
      case 's':
      case 'n':
      case 'b':
      case 'l':
      case 'o':
        parameters.push({ type: symbol, regex: `[${symbol}m]` });
        break;
      case 'a':
      case 'x':
        parameters.push({ type: symbol, regex: '[asnblfom]' });
        break;
      case 'j':
        parameters.push({ type: symbol, regex: '[asnblom]' });
        break;
      case 'f':
        parameters.push({ type: symbol, regex: 'f' });
        break;
      case '-':
        amend((last) => ({ context: new RegExp(last.regex), regex: `${last.regex}?` }));
        break;
      case '?':
      case '+':
        amend((last) => ({ regex: last.regex + symbol }));
        break;
      case '(': {
        const end = closing(definition, at, '(', ')');
        const choice = definition.substring(at + 1, end);
        parameters.push({ type: `(${choice})`, regex: `[${choice}m]` });
        at = end;
        break;
      }
      case '<': {
        const end = closing(definition, at, '<', '>');
        const subtype = definition.substring(at + 1, end);
        amend(() => ({ subtype }));
        at = end;
        break;
      }
    }
  }
  return parameters;
}

function closing(text: string, start: number, open: string, close: string): number {
  let depth = 1;
  let at = start;
  while (at < text.length) {
    at++;
    if (text[at] === open) depth++;
    else if (text[at] === close && --depth === 0) break;
  }
  return at;
}

/** One letter for the type of a value, `m` for missing. */
function symbolOf(value: unknown): string {
  if (value === null) return 'l';
  if (typeof value === 'object') return Array.isArray(value) ? 'a' : 'o';
  return symbols[typeof value] ?? 'm';
}

const symbols: Readonly<Record<string, string>> = { string: 's', number: 'n', boolean: 'b', function: 'f' };

function complete(
  parameters: readonly Parameter[],
  match: RegExpExecArray,
  args: readonly unknown[],
  context: unknown,
): readonly unknown[] {
  const completed: unknown[] = [];
  let at = 0;
  parameters.forEach((parameter, index) => {
    const symbols = match[index + 1] ?? '';
    if (symbols !== '') {
      for (const symbol of symbols) completed.push(typed(parameter, symbol, symbols, args[at++]));
    } else if (parameter.context === undefined) {
      completed.push(args[at++]);
    } else {
      completed.push(parameter.context.test(symbolOf(context)) ? context : fail('T0411', context));
    }
  });
  return completed;
}

/** An argument as its parameter takes it: where an array is asked for, a single value becomes one. */
function typed(parameter: Parameter, symbol: string, symbols: string, arg: unknown): unknown {
  if (parameter.type !== 'a') return arg;
  if (symbol === 'm') return undefined;
  const { subtype } = parameter;
  if (symbol === 'a') {
    if (subtype !== undefined && !allOf(arg as readonly unknown[], subtype.charAt(0))) fail('T0412', arg);
    return arg;
  }
  return subtype !== undefined && symbols !== subtype ? fail('T0412', arg) : [arg];
}

function allOf(values: readonly unknown[], symbol: string): boolean {
  return values.every((value) => symbolOf(value) === symbol);
}

/** Finds the argument that does not fit, as the reference does, and fails. */
function failAt(parameters: readonly Parameter[], args: readonly unknown[], supplied: string): never {
  let pattern = '^';
  let fits = 0;
  for (const parameter of parameters) {
    pattern += parameter.regex;
    const match = new RegExp(pattern).exec(supplied);
    if (match === null) break;
    fits = match[0].length;
  }
  return fail('T0410', args[fits]);
}
