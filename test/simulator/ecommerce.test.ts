import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, problemOf } from './support.ts';

const product = { product_id: 'p', product_name: 'Shoe', variant_id: 'v', price: 189.99 };
const products = [{ ...product, quantity: 1, metadata: { color: 'black' } }];
const shared = { currency: 'USD', source: 'web', metadata: { any: ['thing'] } };

const good: Readonly<Record<string, Record<string, unknown>>> = {
  'ecommerce.product_viewed': { ...product, ...shared, type: ['price_drop'] },
  'ecommerce.cart_updated': { ...shared, cart_id: 'c', total_value: 1, products },
  'ecommerce.checkout_started': { ...shared, checkout_id: 'c', total_value: 1, tax: 0.5, products },
  'ecommerce.order_placed': { ...shared, order_id: 'o', total_value: 1, discounts: [{ code: 'x' }], products },
  'ecommerce.order_cancelled': { ...shared, order_id: 'o', total_value: 1, cancel_reason: 'late', products },
  'ecommerce.order_refunded': { ...shared, order_id: 'o', total_value: 1, products },
};

test.each(Object.entries(good))(
  'a good %s is accepted, and one without a currency is not',
  async (name, properties) => {
    await using simulator = await startSimulator();
    expect(await problemOf(simulator, { events: [event({ name, properties })] })).toBe('accepted');
    const { currency: _, ...incomplete } = properties;
    expect(await problemOf(simulator, { events: [event({ name, properties: incomplete })] })).toBe(
      "The property '#/' did not contain a required property of 'currency'",
    );
  },
);

test.each([
  [{ order_id: undefined }, "The property '#/' did not contain a required property of 'order_id'"],
  [{ total_value: '1' }, "The property '#/total_value' of type string did not match the following type: number"],
  [{ total_value: -1 }, "The property '#/total_value' did not have a minimum value of 0, inclusively"],
  [{ products: {} }, "The property '#/products' of type object did not match the following type: array"],
  [{ products: [product] }, "The property '#/products/0' did not contain a required property of 'quantity'"],
  [
    { products: [{ ...product, quantity: 1.5 }] },
    "The property '#/products/0/quantity' of type number did not match the following type: integer",
  ],
  [{ metadata: 'x' }, "The property '#/metadata' of type string did not match the following type: object"],
  [
    { gift: true },
    'The property \'#/\' contains additional properties ["gift"] outside of the schema when none are allowed',
  ],
  [{ currency: 'DOLLAR' }, "'currency' must be an ISO 4217 currency"],
])('an order with %j is rejected', async (fields, problem) => {
  await using simulator = await startSimulator();
  const properties = { ...good['ecommerce.order_placed'], ...fields };
  expect(await problemOf(simulator, { events: [event({ name: 'ecommerce.order_placed', properties })] })).toBe(problem);
});

test('a part of a cart needs no total', async () => {
  await using simulator = await startSimulator();
  const { total_value: _, ...cart } = good['ecommerce.cart_updated'] ?? {};
  const problemWith = (action?: string) =>
    problemOf(simulator, { events: [event({ name: 'ecommerce.cart_updated', properties: { ...cart, action } })] });
  expect(await problemWith('add')).toBe('accepted');
  expect(await problemWith('remove')).toBe('accepted');
  expect(await problemWith('replace')).toMatch(/total_value/);
  expect(await problemWith()).toMatch(/total_value/);
  expect(await problemWith('empty')).toMatch(/action/);
});

test.each(['ecommerce.Order_Placed', 'order_placed', 'ecommerce.purchase', 'constructor'])(
  'the event %s is like any other',
  async (name) => {
    await using simulator = await startSimulator();
    expect(await problemOf(simulator, { events: [event({ name, properties: { any: 1 } })] })).toBe('accepted');
  },
);
