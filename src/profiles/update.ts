import { type AmplitudeEvent, isRecord } from '../core/event.ts';
import { operationsIn, type PropertyUpdate } from './operations.ts';
import type { Report } from './reports.ts';

/**
 * What an event says about its user's own properties; undefined if it says nothing about a user at all: `$groupidentify`
 * concerns a group, and `$skip_user_properties_sync` keeps the user as they are
 * (amplitude.com/docs/apis/analytics/http-v2).
 *
 * Operations count on any event, and so do plain keys; a call of the Identify API, which has no `event_type`, is read
 * like a `$identify` event. The `user_properties` of an exported event are all that the user had at that time.
 */
export function updateOf(event: AmplitudeEvent, reports?: Report[]): PropertyUpdate | undefined {
  const type = event['event_type'];
  if (type === '$groupidentify' || event['$skip_user_properties_sync'] === true) return undefined;
  const properties = event['user_properties'];
  if (!isRecord(properties)) return nothingSaid;
  const operations = operationsIn(properties, reports);
  const snapshot = operations.length === 0 && type !== undefined && type !== '$identify' && isExported(event);
  return { operations, properties, snapshot };
}

const nothingSaid: PropertyUpdate = { operations: [], properties: undefined, snapshot: false };

/**
 * Whether the event is in the shape of an export. Only an export has `event_time` as text, and ids that Amplitude
 * gave (amplitude.com/docs/apis/analytics/export); only the HTTP API has `time` as a number, so an event that somebody
 * enriched with an `amplitude_id` stays one of the HTTP API: what it does not name is not unset.
 */
function isExported(event: AmplitudeEvent): boolean {
  if (typeof event['time'] === 'number') return false;
  return typeof event['event_time'] === 'string' || exportedIds.some((id) => (event[id] ?? null) !== null);
}

const exportedIds = ['amplitude_id', 'uuid', '$insert_id'] as const;
