import type { Node } from '../ast.ts';
import type { Env } from './env.ts';
import { callable, may, type Value } from './types.ts';

/** The arguments of a call. Their code is written when they are first asked for, which must be in their order. */
export class Arguments {
  readonly count: number;
  readonly #nodes: readonly (Node | undefined)[];
  readonly #values: Value[];
  readonly #env: Env;
  readonly #wrapped: boolean;

  /**
   * @param wrapped whether functions among them are wrapped, so that they are called without a context: all but those
   * of a call in tail position are
   * @param applied the value that `~>` puts in front
   */
  constructor(nodes: readonly Node[], env: Env, wrapped: boolean, applied?: Value) {
    this.#nodes = applied === undefined ? nodes : [undefined, ...nodes];
    this.#values = applied === undefined ? [] : [applied];
    this.count = this.#nodes.length;
    this.#env = env;
    this.#wrapped = wrapped;
  }

  /** The node of an argument that was written as one. */
  node(position: number): Node | undefined {
    return this.#nodes[position];
  }

  get wrapped(): boolean {
    return this.#wrapped;
  }

  /** The value of an argument; all before it are written too. */
  value(position: number): Value {
    while (this.#values.length <= position) this.#values.push(this.#emit(this.#nodes[this.#values.length]));
    return this.#values[position] as Value;
  }

  all(): readonly Value[] {
    if (this.count > 0) this.value(this.count - 1);
    return this.#values;
  }

  /** All of them, as a JavaScript array. */
  list(): string {
    return `[${this.all()
      .map(({ js }) => js)
      .join(', ')}]`;
  }

  #emit(node: Node | undefined): Value {
    const { code, emit } = this.#env;
    if (node === undefined) throw new Error('an argument has no node');
    const value = emit(node, this.#env);
    if (!this.#wrapped || !may(value.types, callable)) return value;
    return code.value(code.call('asArgument', value.js), value.types);
  }
}
