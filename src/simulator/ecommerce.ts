/**
 * The six eCommerce recommended events, whose properties Braze checks against a strict schema
 * (https://www.braze.com/docs/user_guide/data/activation/events/recommended_events#event-schemas). Any other spelling
 * of the name is an event like any.
 *
 * Braze tells a failure in the sentences of the Ruby gem json-schema.
 */
import { z } from 'zod';
import { isCurrency } from './currencies.ts';
import { isObject, type JsonObject } from './json.ts';
import { Problem, problems } from './object-errors.ts';

const amount = z.number().min(0);
const metadata = z.record(z.string(), z.unknown()).optional();
const currency = z.string().refine(isCurrency);

const product = {
  product_id: z.string(),
  product_name: z.string(),
  variant_id: z.string(),
  image_url: z.string().optional(),
  product_url: z.string().optional(),
  price: amount,
  metadata,
};

const basket = {
  currency,
  products: z.array(z.strictObject({ ...product, quantity: z.int() })),
  source: z.string(),
  metadata,
};

const costs = { subtotal_value: amount.optional(), tax: amount.optional(), shipping: amount.optional() };

const discounts = { total_discounts: amount.optional(), discounts: z.array(z.unknown()).optional() };

const cartParts = { ...basket, ...costs, cart_id: z.string() };

const schemas: Readonly<Record<string, z.ZodType>> = {
  'ecommerce.product_viewed': z.strictObject({
    ...product,
    currency,
    source: z.string(),
    type: z.array(z.enum(['price_drop', 'back_in_stock'])).optional(),
  }),
  // The total is required unless only a part of the cart is sent.
  'ecommerce.cart_updated': z.discriminatedUnion('action', [
    z.strictObject({ ...cartParts, action: z.literal('replace').optional(), total_value: amount }),
    z.strictObject({ ...cartParts, action: z.enum(['add', 'remove']), total_value: amount.optional() }),
  ]),
  'ecommerce.checkout_started': z.strictObject({
    ...basket,
    ...costs,
    checkout_id: z.string(),
    cart_id: z.string().optional(),
    total_value: amount,
  }),
  'ecommerce.order_placed': z.strictObject({
    ...basket,
    ...costs,
    ...discounts,
    order_id: z.string(),
    cart_id: z.string().optional(),
    total_value: amount,
  }),
  'ecommerce.order_cancelled': z.strictObject({
    ...basket,
    ...costs,
    ...discounts,
    order_id: z.string(),
    total_value: amount,
    cancel_reason: z.string(),
  }),
  'ecommerce.order_refunded': z.strictObject({ ...basket, ...discounts, order_id: z.string(), total_value: amount }),
};

/** Whether an event of this name is checked. These events cost no data points. */
export function isEcommerce(name: string): boolean {
  return Object.hasOwn(schemas, name);
}

/** The first failure of the properties of an eCommerce event. */
export function ecommerceProblem(name: string, properties: JsonObject): Problem | undefined {
  const issue = schemas[name]?.safeParse(properties).error?.issues[0];
  if (issue === undefined) return undefined;
  return issue.code === 'custom' ? problems.currency : new Problem(sentence(issue, properties));
}

function sentence(issue: z.core.$ZodIssue, properties: JsonObject): string {
  const place = (path: readonly PropertyKey[]) => `The property '#/${path.map(String).join('/')}'`;
  const value = valueAt(properties, issue.path);
  if (value === undefined) {
    return `${place(issue.path.slice(0, -1))} did not contain a required property of '${String(issue.path.at(-1))}'`;
  }
  const it = place(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${it} contains additional properties ${JSON.stringify(issue.keys)} outside of the schema when none are allowed`;
  }
  if (issue.code === 'invalid_type') {
    const expected = typeNames[issue.expected] ?? issue.expected;
    return `${it} of type ${typeName(value)} did not match the following type: ${expected}`;
  }
  if (issue.code === 'too_small') return `${it} did not have a minimum value of ${issue.minimum}, inclusively`;
  return `${it} value ${JSON.stringify(value)} did not match one of the allowed values`;
}

/** What JSON Schema calls the types that zod has other words for. */
const typeNames: Readonly<Record<string, string>> = { int: 'integer', record: 'object' };

function typeName(value: unknown): string {
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'array';
  return typeof value;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isObject(value) && typeof key === 'string' ? value[key] : undefined;
  }
  return value;
}
