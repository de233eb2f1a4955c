/**
 * The syntax tree that `jsonata(expression).ast()` gives (version 2.2.2), as far as the compiler reads it. The package
 * types it loosely; this is the shape that its parser builds.
 */

/** One node of the tree. */
export type Node =
  | PathNode
  | BinaryNode
  | NegateNode
  | ArrayNode
  | ObjectNode
  | NameNode
  | LiteralNode
  | RegexNode
  | WildcardNode
  | ConditionNode
  | BlockNode
  | BindNode
  | VariableNode
  | LambdaNode
  | CallNode
  | ApplyNode
  | SortNode
  | TransformNode
  | PartialNode
  | UncompiledNode;

interface Common {
  readonly position?: number;
  /** `[…]` written on a node that is not a path step. */
  readonly predicate?: readonly Stage[];
  /** `[…]` written on a path step. */
  readonly stages?: readonly Stage[];
  /** `{…}` written after a node. */
  readonly group?: Group;
  /** `[]` was written on it: a single result stays an array. */
  readonly keepArray?: boolean;
  /** An array constructor at an end of a path: its result is not flattened. */
  readonly consarray?: boolean;
  /** Part of a tuple stream (`@`, `#`, `%`). */
  readonly tuple?: boolean;
  /** The variable of `@`. */
  readonly focus?: string;
  /** The variable of `#`. */
  readonly index?: string;
}

export interface Stage {
  readonly type: 'filter' | 'index';
  readonly expr: Node;
  /** The variable of `#`, in a stage of the type `index`. */
  readonly value?: string;
}

export interface Group {
  readonly lhs: readonly (readonly [Node, Node])[];
  readonly position?: number;
}

export interface PathNode extends Common {
  readonly type: 'path';
  readonly steps: readonly Node[];
  readonly keepSingletonArray?: boolean;
}

export type NumericOperator = '+' | '-' | '*' | '/' | '%';
export type OrderOperator = '<' | '<=' | '>' | '>=';

export interface BinaryNode extends Common {
  readonly type: 'binary';
  readonly value: NumericOperator | OrderOperator | '=' | '!=' | '&' | '..' | 'in' | 'and' | 'or';
  readonly lhs: Node;
  readonly rhs: Node;
}

export interface NegateNode extends Common {
  readonly type: 'unary';
  readonly value: '-';
  readonly expression: Node;
}

export interface ArrayNode extends Common {
  readonly type: 'unary';
  readonly value: '[';
  readonly expressions: readonly Node[];
}

export interface ObjectNode extends Common {
  readonly type: 'unary';
  readonly value: '{';
  readonly lhs: readonly (readonly [Node, Node])[];
}

export interface NameNode extends Common {
  readonly type: 'name';
  readonly value: string;
}

export interface LiteralNode extends Common {
  readonly type: 'string' | 'number' | 'value';
  readonly value: string | number | boolean | null;
}

export interface RegexNode extends Common {
  readonly type: 'regex';
  readonly value: RegExp;
}

export interface WildcardNode extends Common {
  readonly type: 'wildcard' | 'descendant';
}

export interface ConditionNode extends Common {
  readonly type: 'condition';
  readonly condition: Node;
  readonly then: Node;
  readonly else?: Node;
}

export interface BlockNode extends Common {
  readonly type: 'block';
  readonly expressions: readonly Node[];
}

export interface BindNode extends Common {
  readonly type: 'bind';
  readonly lhs: VariableNode;
  readonly rhs: Node;
}

export interface VariableNode extends Common {
  readonly type: 'variable';
  /** The name without its `$`; empty for the context, `$` for the root. */
  readonly value: string;
}

export interface LambdaNode extends Common {
  readonly type: 'lambda';
  readonly arguments: readonly VariableNode[];
  readonly body: Node;
  readonly signature?: { readonly definition: string; readonly validate?: unknown };
  /** Made by the parser around a call in tail position. */
  readonly thunk?: boolean;
}

export interface CallNode extends Common {
  readonly type: 'function';
  readonly procedure: Node;
  readonly arguments: readonly Node[];
}

export interface ApplyNode extends Common {
  readonly type: 'apply';
  readonly lhs: Node;
  readonly rhs: Node;
}

export interface SortNode extends Common {
  readonly type: 'sort';
  readonly terms: readonly { readonly descending: boolean; readonly expression: Node }[];
}

/** `| pattern | update, delete |`, left to the interpreter. */
export interface TransformNode extends Common {
  readonly type: 'transform';
  readonly pattern: Node;
  readonly update: Node;
  readonly delete?: Node;
}

/** A call with `?` among its arguments, left to the interpreter. */
export interface PartialNode extends Common {
  readonly type: 'partial';
  readonly procedure: Node;
  readonly arguments: readonly Node[];
}

/** What else is left to the interpreter. */
export interface UncompiledNode extends Common {
  readonly type: 'parent' | 'operator' | 'error';
  readonly value?: unknown;
}

/** The nodes directly below a node, in the order in which they are evaluated. */
export function childrenOf(node: Node): readonly Node[] {
  return [...partsOf(node), ...suffixesOf(node)];
}

/** What is written behind a node, and evaluated for what it gave: predicates and a group. */
export function suffixesOf({ predicate = [], stages = [], group }: Node): readonly Node[] {
  return [
    ...[...predicate, ...stages].filter((stage) => stage.type === 'filter').map((stage) => stage.expr),
    ...(group?.lhs.flat() ?? []),
  ];
}

/** The nodes that a node is made of. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'path':
      return node.steps;
    case 'binary':
    case 'apply':
      return [node.lhs, node.rhs];
    case 'unary':
      if (node.value === '-') return [node.expression];
      return node.value === '[' ? node.expressions : node.lhs.flat();
    case 'condition':
      return node.else === undefined ? [node.condition, node.then] : [node.condition, node.then, node.else];
    case 'block':
      return node.expressions;
    case 'bind':
      return [node.rhs];
    case 'lambda':
      return [node.body];
    case 'function':
    case 'partial':
      return [node.procedure, ...node.arguments];
    case 'transform':
      return node.delete === undefined ? [node.pattern, node.update] : [node.pattern, node.update, node.delete];
    case 'sort':
      return node.terms.map((term) => term.expression);
    case 'name':
    case 'string':
    case 'number':
    case 'value':
    case 'regex':
    case 'wildcard':
    case 'descendant':
    case 'variable':
    case 'parent':
    case 'operator':
    case 'error':
      break;
  }
  return [];
}
