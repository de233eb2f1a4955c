/**
 * Amplitude's user property operations: amplitude.com/docs/apis/analytics/identify.
 *
 * An operation acts on each property by itself, so all of them are read here as functions of one property's value. The
 * order in which they apply is the one that Amplitude's own SDK gives as the server's (`analytics-core`,
 * `identify.ts`), whatever their order in the message; plain keys come after them.
 *
 * Where Amplitude says nothing, this is the reading: null is no value, so `$set` and a plain key with null unset, and
 * the other operations ignore null. `$add` to something else than a number is ignored. `$remove` takes a property away
 * whose single value is removed, and leaves an empty list where all items of a list are.
 */
import { isRecord } from '../core/event.ts';
import { identityOf } from './equality.ts';
import type { Report, Why } from './reports.ts';

export type Properties = Readonly<Record<string, unknown>>;

/** What is said about a user's properties. */
export interface PropertyUpdate {
  /** In the order in which they apply. */
  readonly operations: readonly Operation[];
  /** Holds the plain keys, beside the operations; undefined if nothing is said. */
  readonly properties: Properties | undefined;
  /** Whether the plain keys are all that the user has: a property that is not among them is unset. */
  readonly snapshot: boolean;
}

export interface Operation {
  readonly name: OperationName;
  /** By property; undefined for `$clearAll`, which concerns all. */
  readonly operands: Properties | undefined;
}

export type OperationName = '$clearAll' | keyof typeof operators;

/** The operations in a `user_properties`, in the order in which they apply. What is malformed is left out. */
export function operationsIn(properties: Properties, reports?: Report[]): readonly Operation[] {
  if (!mayHoldOperations(properties)) return none;
  const operations: Operation[] = [];
  for (const name of operationNames) {
    if (!Object.hasOwn(properties, name)) continue;
    const operands = properties[name];
    if (name === '$clearAll') operations.push({ name, operands: undefined });
    else if (isRecord(operands)) operations.push({ name, operands });
    else reports?.push({ property: name, why: 'malformed_operation' });
  }
  return operations;
}

/**
 * The value of a property after an update; undefined if it has none. Neither the value nor the update is changed.
 *
 * @param current the value before, undefined if it has none
 */
export function valueAfter(update: PropertyUpdate, property: string, current: unknown, reports?: Report[]): unknown {
  const { operations, properties, snapshot } = update;
  if (properties === undefined) return current;
  let value = snapshot ? undefined : current;
  for (const { name, operands } of operations) {
    if (name === '$clearAll') value = undefined;
    else if (operands !== undefined && Object.hasOwn(operands, property)) {
      const result = operators[name](value, operands[property] ?? undefined);
      if (result instanceof Ignored) reports?.push({ property, why: result.why });
      else value = result;
    }
  }
  return Object.hasOwn(properties, property) ? (properties[property] ?? undefined) : value;
}

/** An operation that does nothing, and why. */
class Ignored {
  readonly why: Why;

  constructor(why: Why) {
    this.why = why;
  }
}

const notANumber = new Ignored('not_a_number');
const notFinite = new Ignored('not_finite');
const noOperand = new Ignored('no_operand');

type Operator = (current: unknown, operand: unknown) => unknown;

/** In the order in which they apply, after `$clearAll`. */
const operators = {
  $unset: () => undefined,
  $set: (_, operand) => operand,
  $setOnce: (current, operand) => current ?? operand,
  $add(current = 0, operand) {
    if (typeof current !== 'number' || typeof operand !== 'number') return notANumber;
    return Number.isFinite(current + operand) ? current + operand : notFinite;
  },
  $append: onLists((list, items) => [...list, ...items]),
  $prepend: onLists((list, items) => [...items, ...list]),
  $preInsert: onLists((list, items) => [...missing(list, items), ...list]),
  $postInsert: onLists((list, items) => [...list, ...missing(list, items)]),
  $remove(current, operand) {
    if (operand === undefined) return noOperand;
    if (current === undefined) return undefined;
    const removed = new Set(listOf(operand).map(identityOf));
    if (!Array.isArray(current)) return removed.has(identityOf(current)) ? undefined : current;
    return current.filter((item) => !removed.has(identityOf(item)));
  },
} as const satisfies Record<string, Operator>;

const operationNames = ['$clearAll', ...Object.keys(operators)] as readonly OperationName[];
const none: readonly Operation[] = [];
const dollar = 36;

/** Most events carry plain keys alone: one look at each key tells. */
function mayHoldOperations(properties: Properties): boolean {
  for (const key in properties) if (key.charCodeAt(0) === dollar) return true;
  return false;
}

type List = readonly unknown[];

function onLists(change: (list: List, items: List) => List): Operator {
  return (current, operand) => (operand === undefined ? noOperand : change(listOf(current), listOf(operand)));
}

/** A property that should be a list, as one: no value is an empty list, a single value becomes the first item. */
function listOf(value: unknown): List {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The items that the list lacks, each once. */
function missing(list: List, items: List): List {
  const present = new Set(list.map(identityOf));
  return items.filter((item) => {
    const size = present.size;
    return present.add(identityOf(item)).size > size;
  });
}
