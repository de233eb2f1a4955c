import type { Env } from './env.ts';
import { collecting } from './loop.ts';
import { array, may, missing, type Value } from './types.ts';

/** Gathers what a step gives for each context, and makes one sequence of it. */
export class Results {
  readonly #env: Env;
  readonly #last: boolean;
  /** The result, where there is but one context. */
  #only: Value | undefined;
  readonly #single: boolean;
  #into: string | undefined;
  #types = 0;
  /** Whether the results are the members of the sequence already. */
  #flat = false;

  constructor(last: boolean, single: boolean, env: Env) {
    this.#env = env;
    this.#last = last;
    this.#single = single;
    if (!single) this.spread();
  }

  /** From here on, results are pushed as members. */
  spread(): void {
    this.#into ??= this.#env.code.variable('undefined');
    this.#flat = true;
  }

  push(item: Value): void {
    this.#types |= item.types | missing | array;
    this.#env.code.line(collecting(this.#into ?? '', item.js, this.#env));
  }

  /** The result for one context. */
  add(value: Value): void {
    const { js, types } = value;
    if (this.#single) {
      this.#only = value;
      return;
    }
    this.#flat = !may(types, array);
    this.#types |= types | missing | array;
    const collect = collecting(this.#into ?? '', js, this.#env);
    this.#env.code.line(may(types, missing) ? `if (${js} !== undefined) { ${collect} }` : collect);
  }

  end(): Value {
    const { code } = this.#env;
    if (this.#only !== undefined) return this.#flattened(this.#only);
    const value: Value = { js: this.#into ?? '', types: this.#types, loose: true };
    if (this.#flat) return value;
    const js = `${value.js} === undefined ? undefined : ${code.call('flatten', value.js, String(this.#last))}`;
    return code.value(js, value.types, true);
  }

  #flattened(only: Value): Value {
    const { code } = this.#env;
    const { js, types } = only;
    if (!may(types, array)) return only;
    const isArray = code.call('isArray', js);
    return this.#last
      ? code.value(`${isArray} ? ${code.call('flatten', `[${js}]`, 'true')} : ${js}`, types, true)
      : code.value(`${isArray} && ${js}.cons === true ? [${js}] : ${js}`, types);
  }
}
