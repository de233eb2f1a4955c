import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { event, post, purchase } from './support.ts';

/** What a request costs. */
async function cost(body: Record<string, unknown>): Promise<number> {
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  const { status } = await post(simulator, body);
  expect(status).toBe(201);
  return simulator.counts().dataPoints;
}

const costOf = (attributes: Record<string, unknown>) => cost({ attributes: [{ external_id: 'u1', ...attributes }] });

test('an event costs one, its properties nothing', async () => {
  expect(await cost({ events: [event({ properties: { a: 1, b: 2 } }), event()] })).toBe(2);
});

test('an eCommerce event is free', async () => {
  const properties = {
    product_id: 'p',
    product_name: 'n',
    variant_id: 'v',
    price: 1,
    currency: 'EUR',
    source: 'web',
  };
  expect(await cost({ events: [event({ name: 'ecommerce.product_viewed', properties })] })).toBe(0);
});

test('a purchase of two costs two', async () => {
  expect(await cost({ purchases: [purchase(), purchase({ quantity: 2 })] })).toBe(3);
});

test('each attribute costs one, also null, and also when nothing changes', async () => {
  expect(await costOf({ a: 1, b: 'x', c: null, first_name: 'Ada', country: 'DE' })).toBe(5);
  await using simulator = await startSimulator({ applyDelayMs: 0 });
  for (let sent = 0; sent < 3; sent++) await post(simulator, { attributes: [{ external_id: 'u1', plan: 'free' }] });
  expect(simulator.counts().dataPoints).toBe(3);
});

test('identifiers, subscription states and push tokens are free', async () => {
  expect(await costOf({})).toBe(0);
  expect(await costOf({ email_subscribe: 'opted_in', push_tokens: [{ app_id: 'a', token: 't' }] })).toBe(0);
  expect(await cost({ attributes: [{ email: 'a@example.org' }] })).toBe(0);
});

test('an email address that is stored as a value costs one', async () => {
  expect(await costOf({ email: 'a@example.org' })).toBe(1);
});

test('a whole array costs one, an operation one for each value', async () => {
  expect(await costOf({ list: ['a', 'b', 'c'] })).toBe(1);
  expect(await costOf({ list: { add: ['a', 'b'], remove: ['c'] } })).toBe(3);
  expect(await costOf({ count: { inc: 5 } })).toBe(1);
});

test('each key of an object costs one, on every level', async () => {
  expect(await costOf({ song: { name: 'Solea', analytics: { count: 1000, top: true } } })).toBe(4);
  expect(await costOf({ pets: [{ id: 1, type: 'dog' }, { id: 2 }] })).toBe(3);
  const by = { $identifier_key: 'id', $identifier_value: 1 };
  expect(await costOf({ pets: { $add: [{ id: 3, type: 'cat' }], $remove: [by] } })).toBe(3);
  expect(await costOf({ pets: { $update: [{ ...by, $new_object: { name: 'x', breed: 'y' } }] } })).toBe(2);
});

test('what is rejected costs nothing', async () => {
  expect(await cost({ events: [event(), event({ name: '' })] })).toBe(1);
});
