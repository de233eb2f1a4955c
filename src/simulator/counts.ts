import { noObjects, type ObjectCounts } from './objects.ts';

/** Sums over everything since the start, or since the last reset. */
export interface Counts {
  /** Requests to `/users/track`. */
  requests: number;
  /** By the status that was sent; `none` for those that never got an answer. */
  byStatus: Record<string, number>;
  /** Objects that were taken, whether or not the client learned of it. */
  accepted: ObjectCounts;
  /** Objects named in `errors`. */
  rejected: ObjectCounts;
  /** Accepted objects that have reached a profile. With `keep: 'counts'` none does. */
  applied: number;
  /** Accepted objects without a profile to go to, which Braze drops without a word. */
  skipped: number;
  /** Names and values that were cut to fit. */
  truncations: number;
  dataPoints: number;
  /** How often a request named a user that another request in flight had named. */
  violations: number;
}

export function noCounts(): Counts {
  return {
    requests: 0,
    byStatus: {},
    accepted: noObjects(),
    rejected: noObjects(),
    applied: 0,
    skipped: 0,
    truncations: 0,
    dataPoints: 0,
    violations: 0,
  };
}

export function addObjects(total: ObjectCounts, more: ObjectCounts): void {
  total.attributes += more.attributes;
  total.events += more.events;
  total.purchases += more.purchases;
}
