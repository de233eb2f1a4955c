import type { BinaryNode, NegateNode, Node, NumericOperator, OrderOperator } from '../ast.ts';
import type { RuntimeName } from '../runtime/index.ts';
import { truthOf, type Env } from './env.ts';
import { chainBeforeWildcard } from './path.ts';
import { array, boolean, literal, may, missing, number, object, only, text, type Types, type Value } from './types.ts';

/** https://docs.jsonata.org/comparison-operators, /numeric-operators, /boolean-operators, /other-operators */
export function emitBinary(node: BinaryNode, env: Env): Value {
  if (node.value === 'and' || node.value === 'or') return emitBoolean(node, env);
  if (node.value === 'in') return emitIn(node, env);
  return emitOperator(node.value, env.emit(node.lhs, env), env.emit(node.rhs, env), env);
}

export function emitNegate(node: NegateNode, env: Env): Value {
  const { code } = env;
  return code.value(code.call('negate', env.emit(node.expression, env).js), missing | number);
}

function emitOperator(
  operator: Exclude<BinaryNode['value'], 'and' | 'or' | 'in'>,
  left: Value,
  right: Value,
  env: Env,
): Value {
  const { code } = env;
  switch (operator) {
    case '=':
    case '!=':
      return code.value(equality(operator === '=', left, right, env), boolean);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return code.value(order(operator, left, right, env), bothOrder(left, right) ? boolean : boolean | missing);
    case '&':
      return code.value(concatenation(left, right, env), text);
    case '..':
      return { ...code.value(code.call('range', left.js, right.js), array | missing), loose: true };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      break;
  }
  return code.value(arithmetic(operator, left, right, env), number | missing);
}

/** The right side is evaluated only when the left one does not decide. */
function emitBoolean(node: BinaryNode, env: Env): Value {
  const { code } = env;
  const result = code.variable(truthOf(env.emit(node.lhs, env), code));
  code.block(node.value === 'and' ? `if (${result})` : `if (!${result})`, () => {
    code.line(`${result} = ${truthOf(env.emit(node.rhs, env), code)};`);
  });
  return { js: result, types: boolean };
}

function equality(same: boolean, left: Value, right: Value, { code }: Env): string {
  const [constant, other] = right.constant === undefined ? [left, right] : [right, left];
  if (constant.constant === undefined || constant.constant.value === undefined)
    return code.call(same ? 'equal' : 'notEqual', left.js, right.js);
  // With a constant, equality is identity.
  if (same) return `${other.js} === ${constant.js}`;
  return may(other.types, missing)
    ? `${other.js} !== ${constant.js} && ${other.js} !== undefined`
    : `${other.js} !== ${constant.js}`;
}

const orderFunctions: Readonly<Record<OrderOperator, RuntimeName>> = {
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
};

/** Whether both sides are known to be numbers, or to be texts. */
function bothOrder(left: Value, right: Value): boolean {
  return only(left.types | right.types, number) || only(left.types | right.types, text);
}

function order(operator: OrderOperator, left: Value, right: Value, { code }: Env): string {
  const fast = `${left.js} ${operator} ${right.js}`;
  const slow = code.call(orderFunctions[operator], left.js, right.js);
  const textual = only(left.types, text) || only(right.types, text);
  const tests = [left, right].flatMap((side) => typeTest(side, textual ? text : number));
  return tests.length === 0 ? fast : `${tests.join(' && ')} ? ${fast} : ${slow}`;
}

const arithmeticFunctions: Readonly<Record<NumericOperator, RuntimeName>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'remainder',
};

/** Numbers that are infinite fail: `x - x === 0` holds for the others alone. */
function arithmetic(operator: NumericOperator, left: Value, right: Value, { code }: Env): string {
  const slow = code.call(arithmeticFunctions[operator], left.js, right.js);
  if ([left, right].some((side) => !may(side.types, number))) return slow;
  const tests = [left, right].flatMap((side) =>
    side.constant === undefined ? [...typeTest(side, number), `${side.js} - ${side.js} === 0`] : [],
  );
  return `${tests.length === 0 ? 'true' : tests.join(' && ')} ? ${left.js} ${operator} ${right.js} : ${slow}`;
}

/** Longer texts take the general way, which sees to it that none grows without bound. */
const shortText = 100_000;

function concatenation(left: Value, right: Value, { code }: Env): string {
  const tests = [left, right].flatMap((side) =>
    side.constant === undefined ? [...typeTest(side, text), `${side.js}.length < ${shortText}`] : [],
  );
  const constants = [left, right].filter((side) => side.constant !== undefined);
  const slow = code.call('concat', left.js, right.js);
  if (tests.length === 0 || constants.some((side) => !only(side.types, text))) return slow;
  return `${tests.join(' && ')} ? ${left.js} + ${right.js} : ${slow}`;
}

/** What must be tested for a value to be of a type; nothing where that is known. */
function typeTest({ js, types }: Value, be: Types): readonly string[] {
  if (only(types, be)) return [];
  return [`typeof ${js} === '${be === text ? 'string' : 'number'}'`];
}

function emitIn(node: BinaryNode, env: Env): Value {
  const { code } = env;
  const left = env.emit(node.lhs, env);
  const list = constantList(node.rhs);
  if (list !== undefined) {
    const tests = list.map((item) => `${left.js} === ${item}`);
    return code.value(tests.length === 0 ? 'false' : tests.join(' || '), boolean);
  }
  const values = chainBeforeWildcard(node.rhs, env);
  if (values !== undefined && may(values.types, object)) {
    // Only a plain object has its values looked through in place.
    const plain = `typeof ${values.js} === 'object' && ${values.js} !== null && !${code.call('isArray', values.js)}`;
    const general = code.call('collapse', code.call('wildcards', values.js));
    const found = `${plain} ? ${code.call('includesValue', left.js, values.js)} : ${values.js} === undefined ? false : `;
    return code.value(found + code.call('includes', left.js, general), boolean);
  }
  return code.value(code.call('includes', left.js, env.emit(node.rhs, env).js), boolean);
}

/** The members of an array constructor that holds nothing but texts, numbers and booleans. */
function constantList(node: Node): readonly string[] | undefined {
  if (node.type !== 'unary' || node.value !== '[' || node.predicate !== undefined || node.group !== undefined)
    return undefined;
  const items = node.expressions.map(constantText);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function constantText(node: Node): string | undefined {
  if (node.type !== 'string' && node.type !== 'number' && node.type !== 'value') return undefined;
  return node.predicate === undefined && node.group === undefined ? literal(node.value) : undefined;
}
