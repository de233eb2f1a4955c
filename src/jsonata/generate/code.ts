import type { RuntimeName } from '../runtime/index.ts';
import type { Types, Value } from './types.ts';

/** The source of one function, as it is written. */
export class Code {
  /** Values that the source refers to and that have no literal form. */
  readonly constants: unknown[] = [];
  readonly #lines: string[] = [];
  readonly #used = new Set<RuntimeName>();
  #depth = 1;
  #names = 0;

  /** A name that nothing else has. */
  fresh(prefix = 'v'): string {
    return `${prefix}${++this.#names}`;
  }

  line(text: string): void {
    this.#lines.push('  '.repeat(this.#depth) + text);
  }

  /** Puts a line at the start of the block that everything is in. */
  guard(text: string): void {
    this.#lines.splice(1, 0, `    ${text}`);
  }

  /** Writes `head { … }`. */
  block(head: string, body: () => void, tail = ''): void {
    this.line(`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line(`}${tail}`);
  }

  /** Names the value of a JavaScript expression. */
  value(js: string, types: Types, loose = false): Value {
    const name = this.fresh();
    this.line(`const ${name} = ${js};`);
    return { js: name, types, loose };
  }

  /** A variable to assign to. */
  variable(initial?: string, prefix?: string): string {
    const name = this.fresh(prefix);
    this.line(initial === undefined ? `let ${name};` : `let ${name} = ${initial};`);
    return name;
  }

  constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `c${known === -1 ? this.constants.push(value) - 1 : known}`;
  }

  /** The name of a runtime function, which is then in reach. */
  runtime(name: RuntimeName): string {
    this.#used.add(name);
    return name;
  }

  /** A call of a runtime function. */
  call(name: RuntimeName, ...args: readonly string[]): string {
    return `${this.runtime(name)}(${args.join(', ')})`;
  }

  /** The source of a function body that returns the function `name(parameters)`, given `runtime` and `constants`. */
  toSource(name: string, parameters: string): string {
    return [
      "'use strict';",
      ...(this.#used.size > 0 ? [`const { ${[...this.#used].sort().join(', ')} } = runtime;`] : []),
      ...(this.constants.length > 0
        ? [`const [${this.constants.map((_, i) => `c${i}`).join(', ')}] = constants;`]
        : []),
      `return function ${name}(${parameters}) {`,
      ...this.#lines,
      '};',
    ].join('\n');
  }
}
