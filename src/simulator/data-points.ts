/**
 * What a processed object costs under a contract by data points, whether or not it changes anything
 * (https://www.braze.com/docs/user_guide/data/infrastructure/data_points).
 */
import type { AttributesObject } from './attributes.ts';
import { isEcommerce } from './ecommerce.ts';
import { isObject } from './json.ts';
import type { AcceptedObject } from './objects.ts';

/** Subscription states and push tokens are free; so are identifiers. */
const freeAttributes: ReadonlySet<string> = new Set([
  'email_subscribe',
  'push_subscribe',
  'subscription_groups',
  'push_tokens',
]);

/** What is nested deeper is not counted. */
const maxDepth = 64;

export function dataPointsOf(object: AcceptedObject): number {
  if (object.kind === 'event') return isEcommerce(object.name) ? 0 : 1;
  return object.kind === 'purchase' ? object.quantity : attributePoints(object);
}

function attributePoints({ target, attributes }: AttributesObject): number {
  const { kind } = target.identifier;
  let points = 0;
  if (target.email !== undefined && kind !== 'email') points++;
  if (target.phone !== undefined && kind !== 'phone') points++;
  for (const [name, value] of Object.entries(attributes)) {
    if (!freeAttributes.has(name)) points += Math.max(1, valuePoints(value));
  }
  return points;
}

/** One for a value, be it a whole array or null; one for each value of an array operation, for each key when nested. */
function valuePoints(value: unknown): number {
  if (Array.isArray(value)) return sum(value.map((item) => (isObject(item) ? keyPoints(item) : 0)));
  if (!isObject(value)) return 1;
  const operations = Object.entries(value);
  if (operations.every(([key]) => key === 'inc' || key === '$time')) return 1;
  if (operations.every(([key]) => key === 'add' || key === 'remove')) {
    return sum(operations.map(([, list]) => (Array.isArray(list) ? list.length : 1)));
  }
  if (operations.every(([key]) => key.startsWith('$'))) return sum(operations.map(([, list]) => itemPoints(list)));
  return keyPoints(value);
}

/** Each item of `$add` by its keys, of `$update` by the keys of its new object, and one for each of `$remove`. */
function itemPoints(list: unknown): number {
  if (!Array.isArray(list)) return 1;
  return sum(
    list.map((item: unknown) => {
      if (isObject(item) && '$identifier_key' in item) return Math.max(1, keyPoints(item['$new_object']));
      return keyPoints(item);
    }),
  );
}

function keyPoints(value: unknown, depth = 0): number {
  if (depth > maxDepth) return 0;
  if (Array.isArray(value)) return sum(value.map((item) => keyPoints(item, depth + 1)));
  if (!isObject(value) || '$time' in value) return 0;
  return sum(Object.values(value).map((item) => 1 + keyPoints(item, depth + 1)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
