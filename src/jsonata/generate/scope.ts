import { childrenOf, type Node, suffixesOf } from '../ast.ts';
import type { Code } from './code.ts';
import { anything, type Types, type Value } from './types.ts';

/** A variable of the expression, as a variable of the generated code. */
export interface Binding {
  readonly js: string;
  /** Certainly bound at this point; else reading it must look further out when it is unset. */
  definite: boolean;
  /** Bound in one place only, so that it never changes once it is bound. */
  readonly stable: boolean;
  readonly types: Types;
  /** Can hold a sequence that was not collapsed: what a function was called with. */
  readonly loose: boolean;
}

/** A frame: of a block, a lambda or the whole expression. https://docs.jsonata.org/programming#scoping */
export class Scope {
  readonly #bindings = new Map<string, Binding>();
  readonly #outer: Scope | undefined;

  constructor(outer?: Scope) {
    this.#outer = outer;
  }

  /** Declares the variables that the nodes bind in this frame. */
  declare(nodes: readonly Node[], code: Code): void {
    for (const [name, times] of boundBy(nodes)) {
      const js = code.variable(code.runtime('unset'), 'x');
      this.#bindings.set(name, { js, definite: false, stable: times === 1, types: anything, loose: true });
    }
  }

  /** A parameter, which is bound from the start. */
  parameter(name: string, { js, types, loose = false }: Value): void {
    this.#bindings.set(name, { js, definite: true, stable: !this.#bindings.has(name), types, loose });
  }

  /** The variable that a bind in this frame assigns to. */
  target(name: string): Binding | undefined {
    return this.#bindings.get(name);
  }

  /** What a name can mean here, from the inside out. */
  resolve(name: string): readonly Binding[] {
    const own = this.#bindings.get(name);
    const outer = own?.definite === true ? [] : (this.#outer?.resolve(name) ?? []);
    return own === undefined ? outer : [own, ...outer];
  }
}

/** How often each name is bound in the frame. */
function boundBy(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const visit = (node: Node): void => {
    if (node.type === 'bind') names.set(node.lhs.value, (names.get(node.lhs.value) ?? 0) + 1);
    // Blocks and lambdas have frames of their own; what is written behind a block is evaluated outside of it.
    const inside = node.type === 'block' || node.type === 'lambda' ? suffixesOf(node) : childrenOf(node);
    inside.forEach(visit);
  };
  nodes.forEach(visit);
  return names;
}
