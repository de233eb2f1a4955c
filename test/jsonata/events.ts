/** Filters as people write them, and events as they come in, some of them spoilt. */
import * as fc from 'fast-check';

const events: readonly Readonly<Record<string, unknown>>[] = [
  {
    user_id: 'user-000017',
    device_id: 'd-1',
    event_type: 'Purchase',
    time: 1_767_603_603_000,
    platform: 'iOS',
    country: 'Germany',
    event_properties: {
      revenue: 129.5,
      currency: 'EUR',
      coupon: null,
      page_url: 'https://shop.example.com/cart?utm_source=news&utm_medium=email',
      tags: ['sale', 'new'],
      items: [
        { sku: 'P-1', price: 9.99, quantity: 2, name: 'Cable' },
        { sku: 'P-2', price: 129, quantity: 1, options: [{ key: 'size', value: 'L' }] },
      ],
    },
    user_properties: {
      plan: 'pro',
      email: 'someone@example.org',
      logins: 4,
      genres: ['rock', 'jazz'],
      newsletter: true,
    },
  },
  {
    device_id: 'd-2',
    event_type: 'Song Played',
    time: 1_767_600_000_000,
    platform: 'Web',
    event_properties: { plays: 3, title: 'Straße', offline: false, items: [{ sku: 'P-9', price: 1, quantity: 3 }] },
    user_properties: { plan: 'free', $set: { plan: 'pro' } },
    groups: { company: ['a', 'b'] },
  },
  {
    user_id: 'u',
    event_type: '$identify',
    time: 1,
    user_properties: { $add: { points: 1 }, $append: { genres: 'pop' } },
  },
];

const odd = [
  null,
  '',
  'x',
  'pro',
  0,
  1,
  -1,
  100.5,
  '100.5',
  true,
  false,
  [],
  ['pro'],
  [[1]],
  [{}],
  {},
  { price: 11 },
  [5, 'a'],
  [{ price: '3' }],
];

/** An event with some of its values, at any depth, put in place of others, taken away or made lists. */
export const event: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(...events), fc.array(fc.tuple(fc.nat(200), fc.nat(odd.length + 2)), { maxLength: 4 }))
  .map(([original, changes]) => {
    const changed = JSON.parse(JSON.stringify(original)) as Record<string, unknown>;
    for (const [at, what] of changes) change(changed, at, what);
    return changed;
  });

function change(root: Record<string, unknown>, at: number, what: number): void {
  const places: (readonly [holder: Record<string, unknown>, key: string])[] = [];
  const visit = (holder: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push([holder, key]);
      if (typeof value === 'object' && value !== null) visit(value as Record<string, unknown>);
    }
  };
  visit(root);
  const [holder, key] = places[at % Math.max(places.length, 1)] ?? [root, 'event_type'];
  if (what === odd.length) remove(holder, key);
  else if (what === odd.length + 1) holder[key] = [holder[key]];
  else if (what === odd.length + 2) holder[key] = [holder[key], holder[key]];
  else holder[key] = JSON.parse(JSON.stringify(odd[what]));
}

function remove(holder: Record<string, unknown>, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

const path = fc.constantFrom(
  'user_id', 'event_type', 'time', 'platform', 'country', 'event_properties.revenue', 'event_properties.items',
  'event_properties.items.price', 'event_properties.items.quantity', 'event_properties.items.sku', 'event_properties.tags',
  'event_properties.items[0].price', 'event_properties.items[-1]', 'event_properties.items.options.value', 'user_properties.plan',
  'user_properties.email', 'user_properties.genres', 'user_properties.logins', 'user_properties."$set".plan', 'groups.company',
  'event_properties.missing', 'user_properties.*', 'event_properties.page_url', '**.sku', '**.price', '$identifier', 'event_properties.coupon',
); // prettier-ignore
const constant = fc.constantFrom(
  '"pro"',
  '"Purchase"',
  '10',
  '0',
  '100',
  'true',
  'null',
  '"P-1"',
  '""',
  '-1',
  '"Germany"',
);
const order = fc.constantFrom('=', '!=', '>', '<', '>=', '<=');

const term: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(path, order, constant).map((parts) => parts.join(' ')),
  fc.tuple(path, order, path).map((parts) => parts.join(' ')),
  fc.tuple(constant, path).map(([value, list]) => `${value} in ${list}`),
  path.map((value) => `${value} in ["pro", "Purchase", 10, "P-1"]`),
  path.map((value) => `$exists(${value})`),
  path.map((value) => `$not(${value})`),
  fc.tuple(path, constant).map(([value, part]) => `$contains(${value}, ${part})`),
  path.map((value) => `$contains(${value}, /p[ar]o?|utm_[a-z]+=/i)`),
  path.map((value) => `$match(${value}, /([a-z])-?([0-9])?/)`),
  fc.tuple(path, order, constant).map(([value, operator, to]) => `$count(${value}) ${operator} ${to}`),
  fc.tuple(path, order, constant).map(([value, operator, to]) => `$length(${value}) ${operator} ${to}`),
  fc.tuple(path, order, constant).map(([value, operator, to]) => `$sum(${value}) ${operator} ${to}`),
  fc.tuple(fc.constantFrom('lowercase', 'uppercase', 'string', 'number', 'type', 'trim'), path, constant).map(([name, value, to]) => `$${name}(${value}) = ${to}`),
  fc.tuple(order, constant).map(([operator, to]) => `event_properties.items[price ${operator} ${to}]`),
  fc.tuple(order, constant).map(([operator, to]) => `$count(event_properties.items[quantity ${operator} ${to} and sku != "P-2"].sku) > 0`),
  fc.tuple(path, order, constant).map(([list, operator, to]) => `$filter(${list}, function($i){ $i.price ${operator} ${to} })`),
  fc.tuple(path, order, constant).map(([list, operator, to]) => `$map(${list}, function($i, $k){ $k ${operator} ${to} ? $i : $k })`),
  fc.tuple(path, constant).map(([list, to]) => `$reduce(${list}, function($all, $i){ $all & $i }) = ${to}`),
  fc.tuple(path, order, constant).map(([list, operator, to]) => `$sum(${list}.(price * quantity)) ${operator} ${to}`),
  fc.tuple(path, path).map(([a, b]) => `${a} & "/" & ${b} = "pro/Purchase"`),
  fc.tuple(path, path, constant).map(([a, b, to]) => `(${a} ?? ${b}) = ${to}`),
  fc.tuple(path, path, constant).map(([a, b, to]) => `(${a} ?: ${b}) = ${to}`),
  fc.tuple(path, path, path).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  fc.tuple(path, constant).map(([value, to]) => `($x := ${value}; $x = ${to} or $x[0] = ${to})`),
  fc.tuple(path, path).map(([a, b]) => `{"a": ${a}, "b": [${b}], "n": $count(${a})}`),
  fc.tuple(path, path).map(([a, b]) => `${a}^(price, >sku)[0].${b.split('.')[0] ?? 'sku'}`),
  fc.tuple(path, path).map(([a, b]) => `event_properties.items{sku: $sum(price)} ~> $keys() ~> $count() > 1 and ${a} = ${b}`),
  path,
); // prettier-ignore

/** A filter of one term, or of a few. */
export const filter: fc.Arbitrary<string> = fc.oneof(
  term,
  fc.tuple(term, fc.constantFrom('and', 'or'), term).map((parts) => parts.join(' ')),
  fc.tuple(term, term, term).map(([a, b, c]) => `(${a} or ${b}) and $not(${c})`),
);
