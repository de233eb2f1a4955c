import { campaigns, colours, pages, products, sizes, songs } from './catalogue.ts';
import type { Properties } from './operations.ts';
import type { Person } from './people.ts';
import { integer, pick, type Random } from './random.ts';
import { createSampler } from './sampler.ts';

/** Something that a user did: the type of an event and what it says. */
export interface Activity {
  readonly type: string;
  readonly properties: Properties;
}

/** What a user does next inside a session. Carts are remembered: a purchase buys what was added. */
export function chooseActivity(person: Person, random: Random): Activity {
  const [, act] = activities[sampleActivity(random)] as (typeof activities)[number];
  return act(person, random);
}

/** How a visitor asks for an account, still under the device alone. */
export function signUp(random: Random): Activity {
  return {
    type: 'Sign Up',
    properties: {
      method: pick(random, ['email', 'google', 'apple']),
      referrer_campaign: pick(random, campaigns),
      accepted_terms: true,
    },
  };
}

type Act = (person: Person, random: Random) => Activity;

const viewPage: Act = ({ locale }, random) => {
  const page = pick(random, pages);
  const campaign =
    random() < 0.2 ? `?utm_source=newsletter&utm_campaign=${encodeURIComponent(pick(random, campaigns))}` : '';
  return {
    type: '[Amplitude] Page Viewed',
    properties: {
      '[Amplitude] Page Domain': 'shop.example.com',
      '[Amplitude] Page Location': `https://shop.example.com${page.path}${campaign}`,
      '[Amplitude] Page Path': page.path,
      '[Amplitude] Page Title': locale.titles[page.title],
      '[Amplitude] Page Counter': integer(random, 1, 12),
      referrer: random() < 0.3 ? 'https://search.example/' : '',
    },
  };
};

const viewProduct: Act = (person, random) => {
  const product = pick(random, products);
  return {
    type: 'Product Viewed',
    properties: {
      product_id: product.id,
      name: product.name,
      category: product.category,
      brand: product.brand,
      price: product.price,
      currency: person.locale.currency,
      in_stock: random() < 0.9,
      rating: integer(random, 20, 50) / 10,
    },
  };
};

const addToCart: Act = (person, random) => {
  const product = pick(random, products);
  const quantity = pick(random, [1, 1, 1, 2, 2, 3, 6]);
  person.cart = { product, quantity };
  return {
    type: 'Add to Cart',
    properties: {
      product_id: product.id,
      name: product.name,
      category: product.category,
      price: product.price,
      quantity,
      currency: person.locale.currency,
    },
  };
};

const purchase: Act = (person, random) => {
  if (person.cart === null) return addToCart(person, random);
  const { product, quantity } = person.cart;
  person.cart = null;
  // One line for each variant, so the quantities of the lines add up to the whole.
  const first = integer(random, 1, quantity);
  const lines = quantity === first ? [quantity] : [first, quantity - first];
  return {
    type: 'Purchase',
    properties: {
      order_id: `O-${integer(random, 10_000_000, 99_999_999)}`,
      product_id: product.id,
      category: product.category,
      price: product.price,
      quantity,
      currency: person.locale.currency,
      coupon: random() < 0.15 ? 'SPRING10' : null,
      items: lines.map((count, line) => ({
        sku: `${product.id}-${line + 1}`,
        name: product.name,
        size: pick(random, sizes),
        colour: pick(random, colours),
        quantity: count,
      })),
    },
  };
};

const playSong: Act = (_, random) => {
  const song = pick(random, songs);
  return {
    type: 'Song Played',
    properties: {
      title: song.title,
      artist: song.artist,
      genre: song.genre,
      duration_ms: song.durationMs,
      listened_ms: Math.floor(song.durationMs * random()),
      plays: Math.ceil(12 * random() ** 2),
      offline: random() < 0.1,
    },
  };
};

const search: Act = ({ locale }, random) => ({
  type: 'Search',
  properties: {
    query: pick(random, locale.searches),
    results: integer(random, 0, 240),
    filters: random() < 0.3 ? ['in_stock', `max_price:${integer(random, 2, 20) * 10}`] : [],
    took_ms: integer(random, 4, 180),
  },
});

// The event that the SDKs' revenue call makes.
const renew: Act = ({ locale }, random) => {
  const price = pick(random, [9.99, 19.99, 99]);
  return {
    type: 'revenue_amount',
    properties: {
      $productId: 'subscription',
      $quantity: 1,
      $price: price,
      $revenueType: pick(random, ['renewal', 'renewal', 'upgrade']),
      $currency: locale.currency,
      $revenue: price,
    },
  };
};

// What Braze sends back through Currents, with the names that it gives (braze.com/docs, Amplitude for Currents).
const answerMessage: Act = (_, random) => ({
  type: pick(random, ['[Appboy] Email Open', '[Appboy] Push Notification Open', '[Appboy] [Custom Event] Purchase']),
  properties: { campaign_name: pick(random, campaigns), send_id: integer(random, 1e9, 9e9).toString(16) },
});

const activities: readonly (readonly [weight: number, act: Act])[] = [
  [30, viewPage],
  [18, viewProduct],
  [9, addToCart],
  [8, purchase],
  [20, playSong],
  [9, search],
  [2, renew],
  [3, answerMessage],
];

const sampleActivity = createSampler(activities.map(([weight]) => weight));
