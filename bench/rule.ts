/** The sync that the benches of the whole way run. */
import { selectOf, type Workload } from './workload.ts';

export interface Delivery {
  readonly concurrency: number;
  /** Objects a request. */
  readonly batch: number;
}

/** The flags of it, as `openBench` takes them. */
export const deliveryFlags = {
  concurrency: { default: 16, help: 'requests under way at once' },
  batch: { default: 75, help: 'objects a request' },
};

export interface RuleOptions {
  readonly name: string;
  /** As in a rule file. */
  readonly source: { readonly stream: string; readonly subjects: string; readonly start: string };
  readonly endpoint: string;
  readonly workload: Workload;
  readonly delivery: Delivery;
  readonly sendUsers: boolean;
}

/** The text of a rule file; JSON is YAML. */
export function ruleText({ name, source, endpoint, workload, delivery, sendUsers }: RuleOptions): string {
  return JSON.stringify({
    name,
    source,
    destination: { type: 'braze', endpoint, apiKey: 'bench', appId: 'bench' },
    events: {
      select: selectOf(workload),
      filter: '$exists($identifier)',
      properties: ['event_properties.price', 'event_properties.quantity', 'platform', 'country'],
    },
    ...(sendUsers && { users: { properties: ['plan', 'lifetime_value', 'loyalty_points', 'newsletter', 'name'] } }),
    batch: { maxObjects: delivery.batch },
    // So many that it never holds anything up.
    delivery: { concurrency: delivery.concurrency, rateLimit: { requests: 100_000, perMs: 1_000 } },
  });
}
