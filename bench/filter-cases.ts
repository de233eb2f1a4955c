/** The filters that are measured, each beside the predicate that one would write by hand for these events. */
import { createGenerator } from '../src/generator/index.ts';

interface Item {
  readonly sku: string;
  readonly price: number;
  readonly quantity: number;
}

/** An event as the predicates by hand know it. */
export interface ShopEvent {
  readonly user_id?: string;
  readonly event_type: string;
  readonly time: number;
  readonly platform?: string;
  readonly country?: string;
  readonly os_name?: string;
  readonly device_brand?: string;
  readonly user_properties?: Readonly<Record<string, unknown>> & { readonly plan?: string; readonly email?: string };
  readonly event_properties?: Readonly<Record<string, unknown>> & {
    readonly items?: readonly Item[];
    readonly revenue?: number;
    readonly page_url?: string;
    readonly page_path?: string;
  };
}

export interface Case {
  readonly filter: string;
  readonly byHand: (event: ShopEvent) => boolean;
}

const early = Date.parse('2026-01-05T09:00:00.500Z');

export const cases: readonly Case[] = [
  { filter: '$exists(user_id)', byHand: (e) => e.user_id !== undefined },
  {
    filter: 'user_id != null and $length(user_id) > 4',
    byHand: (e) => e.user_id !== undefined && e.user_id !== null && e.user_id.length > 4,
  },
  {
    filter: 'event_type in ["Purchase", "Add to Cart", "Search"] and user_properties.plan = "pro"',
    byHand: (e) => ['Purchase', 'Add to Cart', 'Search'].includes(e.event_type) && e.user_properties?.plan === 'pro',
  },
  { filter: 'event_type = "Purchase"', byHand: (e) => e.event_type === 'Purchase' },
  { filter: 'event_properties.revenue > 100', byHand: (e) => (e.event_properties?.revenue ?? 0) > 100 },
  {
    filter: 'event_properties.items[price > 10]',
    byHand: (e) => e.event_properties?.items?.some((item) => item.price > 10) ?? false,
  },
  {
    filter: '$count(event_properties.items[sku = "P-1001"]) > 0',
    byHand: (e) => (e.event_properties?.items?.filter((item) => item.sku === 'P-1001').length ?? 0) > 0,
  },
  {
    filter: '$contains(user_properties.email, "@example.org")',
    byHand: (e) => e.user_properties?.email?.includes('@example.org') ?? false,
  },
  {
    filter: '$match(event_properties.page_path, /utm_(source|medium)=[a-z]+/)',
    byHand: (e) => [...(e.event_properties?.page_path ?? '').matchAll(/utm_(source|medium)=[a-z]+/g)].length > 0,
  },
  {
    filter: '$contains(event_properties.page_url, /\\/(shop|cart)\\//i)',
    byHand: (e) => /\/(shop|cart)\//i.test(e.event_properties?.page_url ?? ''),
  },
  { filter: '$lowercase(country) = "germany"', byHand: (e) => e.country?.toLowerCase() === 'germany' },
  { filter: 'time > $toMillis("2026-01-05T09:00:00.500Z")', byHand: (e) => e.time > early },
  { filter: '"pro" in user_properties.*', byHand: (e) => Object.values(e.user_properties ?? {}).includes('pro') },
  {
    filter: '$exists(**.sku)',
    byHand: (e) => e.event_properties?.items?.some((item) => item.sku !== undefined) ?? false,
  },
  {
    filter: '$count($filter(event_properties.items, function($i){ $i.quantity > 2 })) > 0',
    byHand: (e) => (e.event_properties?.items?.filter((item) => item.quantity > 2).length ?? 0) > 0,
  },
  {
    filter: '$sum(event_properties.items.(price * quantity)) > 50',
    byHand: (e) => (e.event_properties?.items?.reduce((sum, item) => sum + item.price * item.quantity, 0) ?? 0) > 50,
  },
  {
    filter: '(platform = "Web" ? os_name : device_brand) & "/" & country = "Chrome/Germany"',
    byHand: (e) =>
      `${(e.platform === 'Web' ? e.os_name : e.device_brand) ?? ''}/${e.country ?? ''}` === 'Chrome/Germany',
  },
  {
    filter:
      'event_type != "session_start" and (platform = "iOS" or platform = "Web") and ' +
      'user_properties.plan in ["pro", "family"] and $not(country = "Germany")',
    byHand: (e) =>
      e.event_type !== 'session_start' &&
      (e.platform === 'iOS' || e.platform === 'Web') &&
      (e.user_properties?.plan === 'pro' || e.user_properties?.plan === 'family') &&
      e.country !== 'Germany',
  },
];

/** Generated events, some of them with a basket, a page or revenue, each of a form of its own. */
export function events(count: number): readonly ShopEvent[] {
  const generator = createGenerator({ seed: 7, users: 300 });
  return Array.from({ length: count }, (_, i) => {
    const event = generator.next().event as unknown as ShopEvent;
    const given = event.event_properties ?? {};
    const items = Array.from({ length: 1 + (i % 4) }, (__, k) => ({
      sku: `P-${1000 + ((i + k) % 9)}`,
      price: 3 + ((i * 7 + k * 5) % 23),
      quantity: 1 + ((i + k) % 3),
    }));
    const page = `/shop/${i % 7}?utm_source=news&utm_campaign=${i % 5}`;
    const more = {
      ...(i % 5 === 0 ? { items } : {}),
      ...(i % 4 === 0 ? { revenue: (i * 13) % 260 } : {}),
      ...(i % 2 === 0 ? { page_path: page, page_url: `https://${i % 3 === 0 ? 'www' : 'm'}.example.com${page}` } : {}),
    };
    const properties = i % 3 === 0 ? { ...more, ...given } : { ...given, ...more };
    return JSON.parse(JSON.stringify({ ...event, event_properties: properties })) as ShopEvent;
  });
}
