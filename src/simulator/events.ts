/** Event objects (https://www.braze.com/docs/api/objects_filters/event_object). */
import { ecommerceProblem, isEcommerce } from './ecommerce.ts';
import { readTarget, type Target } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import { Problem, problems } from './object-errors.ts';
import { type PropertyRules, readProperties } from './properties.ts';
import { readAppId, readTime, type ReadingContext } from './reading.ts';
import { truncated } from './text-limits.ts';

export interface EventObject {
  readonly kind: 'event';
  readonly target: Target;
  readonly name: string;
  /** As sent, or the present moment for a time in the future. */
  readonly time: string;
  readonly appId: string | undefined;
  readonly properties: JsonObject;
}

const propertyRules: PropertyRules = { reserved: new Set(['time', 'event_name']), maxBytes: 102_400 };

export function readEvent(object: JsonObject, context: ReadingContext): EventObject | Problem {
  const target = readTarget(object, context.settings.blockedExternalIds);
  if (target instanceof Problem) return target;
  const name = object['name'];
  if (typeof name !== 'string' || name.trim() === '') return problems.name;
  const time = readTime(object['time'], context);
  if (time instanceof Problem) return time;
  const appId = readAppId(object['app_id'], context);
  if (appId instanceof Problem) return appId;
  const properties = readProperties(object['properties'], propertyRules, context.truncations);
  if (properties instanceof Problem) return properties;
  if (isEcommerce(name)) {
    const problem = ecommerceProblem(name, properties);
    if (problem !== undefined) return problem;
  }
  return { kind: 'event', target, name: truncated(name.trim(), context.truncations), time, appId, properties };
}
