import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { problemOf, purchase } from './support.ts';

test.each([
  ['product_id', undefined, /product_id/],
  ['product_id', '', /product_id/],
  ['product_id', 'p'.repeat(256), /product_id/],
  ['currency', undefined, /^'currency' must be an ISO 4217 currency$/],
  ['currency', 'eur', /^'currency' must be an ISO 4217 currency$/],
  ['currency', 'EURO', /^'currency' must be an ISO 4217 currency$/],
  ['price', undefined, /price/],
  ['price', '20', /price/],
  ['quantity', 0, /^'quantity' is not valid$/],
  ['quantity', 101, /^'quantity' is not valid$/],
  ['quantity', 1.5, /^'quantity' is not valid$/],
  ['quantity', '1', /^'quantity' is not valid$/],
  ['quantity', null, /^'quantity' is not valid$/],
  ['time', undefined, /time/],
  ['time', 1_767_225_600, /time/],
])('a purchase with the %s %j is rejected', async (field, value, problem) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { purchases: [purchase({ [field]: value })] })).toMatch(problem);
});

test.each([
  {},
  { quantity: 1 },
  { quantity: 100 },
  { price: 0 },
  { product_id: 'p'.repeat(255) },
  { currency: 'JPY', price: 1200 },
])('a purchase with %j is accepted', async (fields) => {
  await using simulator = await startSimulator();
  expect(await problemOf(simulator, { purchases: [purchase(fields)] })).toBe('accepted');
});

test.each(['time', 'product_id', 'quantity', 'event_name', 'price', 'currency'])(
  'the property %s of a purchase is reserved',
  async (key) => {
    await using simulator = await startSimulator();
    const problem = await problemOf(simulator, { purchases: [purchase({ properties: { [key]: 1 } })] });
    expect(problem).toBe("Invalid 'properties' field");
  },
);

test('the properties of a purchase may have half of the bytes of those of an event', async () => {
  await using simulator = await startSimulator();
  // {"list":[1,…,1]} has 10 bytes and two for each number.
  const properties = { list: Array.from({ length: 25_595 }, () => 1) };
  expect(await problemOf(simulator, { purchases: [purchase({ properties })] })).toBe('accepted');
  properties.list.push(1);
  expect(await problemOf(simulator, { purchases: [purchase({ properties })] })).toMatch(/too large/);
});
