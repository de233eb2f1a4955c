import { Command } from 'commander';
import { ConfigError } from '../core/errors.ts';
import { compile, type CompiledExpression, ExpressionError, lint } from '../jsonata/index.ts';

/** `sluice explain '<expr>'`: shows what becomes of a filter. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('Show the JavaScript that a filter is compiled to, or why it is interpreted.')
    .argument('<expression>', 'a JSONata expression')
    .action((expression: string) => {
      const compiled = load(expression);
      const comments = [`// mode: ${compiled.mode}`];
      if (compiled.interpretedBecause !== undefined)
        comments.push(
          `// because ${compiled.interpretedBecause}: it runs in the interpreter of the jsonata package, with the same result`,
        );
      for (const { message, position } of lint(expression)) comments.push(`// warning at ${position}: ${message}`);
      process.stdout.write(
        [...comments, ...(compiled.toSource()?.split('\n') ?? [])].map((line) => `${line}\n`).join(''),
      );
    });
}

function load(expression: string): CompiledExpression {
  try {
    return compile(expression);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ConfigError(`${error.code} at ${error.position}: ${error.message}`, { cause: error });
  }
}
