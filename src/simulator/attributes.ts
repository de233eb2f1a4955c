/** User attributes objects (https://www.braze.com/docs/api/objects_filters/user_attributes_object). */
import { readTarget, type Target } from './identifiers.ts';
import { isObject, type JsonObject } from './json.ts';
import { Problem, problems } from './object-errors.ts';
import type { ReadingContext } from './reading.ts';
import { truncated, withTruncatedText } from './text-limits.ts';

export interface AttributesObject {
  readonly kind: 'attributes';
  readonly target: Target;
  /** What the profile should get, by name: standard fields and custom attributes alike. */
  readonly attributes: JsonObject;
  /** `_merge_objects`: nested attributes are merged into what is there rather than put in its place. */
  readonly mergeObjects: boolean;
}

/** Fields that say whom the object is for and how to take it. */
const controlKeys: ReadonlySet<string> = new Set([
  'external_id',
  'user_alias',
  'braze_id',
  'email',
  'phone',
  '_update_existing_only',
  '_merge_objects',
  'push_token_import',
]);

const subscriptionStates: ReadonlySet<unknown> = new Set(['opted_in', 'subscribed', 'unsubscribed']);
const groupStates: ReadonlySet<unknown> = new Set(['subscribed', 'unsubscribed']);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type FieldCheck = (value: unknown, context: ReadingContext) => Problem | undefined;

/** The standard fields with an error code of their own; in each, null takes the value away. */
const fieldChecks: Readonly<Record<string, FieldCheck>> = {
  email_subscribe: (value) => (subscriptionStates.has(value) ? undefined : problems.emailSubscribe),
  push_subscribe: (value) => (subscriptionStates.has(value) ? undefined : problems.pushSubscribe),
  current_location: (value) => (isLocation(value) ? undefined : problems.location),
  subscription_groups: checkGroups,
  push_tokens: checkPushTokens,
};

export function readAttributes(object: JsonObject, context: ReadingContext): AttributesObject | Problem {
  const target =
    object['push_token_import'] === true ? readImport(object) : readTarget(object, context.settings.blockedExternalIds);
  if (target instanceof Problem) return target;
  if ('email_subscription_info' in object) return problems.emailSubscriptionInfo;
  const attributes: [name: string, value: unknown][] = [];
  for (const [name, value] of Object.entries(object)) {
    if (controlKeys.has(name)) continue;
    const check = Object.hasOwn(fieldChecks, name) ? fieldChecks[name] : undefined;
    const problem = value === null ? undefined : check?.(value, context);
    if (problem !== undefined) return problem;
    const { truncations } = context;
    attributes.push([
      truncated(name, truncations),
      check === undefined ? withTruncatedText(value, truncations) : value,
    ]);
  }
  const mergeObjects = object['_merge_objects'] === true;
  return { kind: 'attributes', target, attributes: Object.fromEntries(attributes), mergeObjects };
}

/** The one object that needs no identifier, and may not have one. */
function readImport(object: JsonObject): Target | Problem {
  const tokens = object['push_tokens'];
  const identified = (object['external_id'] ?? object['braze_id'] ?? undefined) !== undefined;
  if (identified || tokens === undefined || (Array.isArray(tokens) && tokens.length === 0)) {
    return problems.pushTokenImport;
  }
  return { identifier: { kind: 'anonymous' }, updateExistingOnly: false };
}

function isLocation(value: unknown): boolean {
  return isObject(value) && typeof value['longitude'] === 'number' && typeof value['latitude'] === 'number';
}

function checkGroups(value: unknown): Problem | undefined {
  if (!Array.isArray(value)) return problems.groups;
  for (const group of value) {
    if (!isObject(group)) return problems.group;
    const { subscription_group_id: id, subscription_state: state } = group;
    if (id === undefined || state === undefined) return problems.group;
    if (typeof id !== 'string' || !uuid.test(id)) return problems.groupId;
    if (!groupStates.has(state)) return problems.groupState;
  }
  return undefined;
}

function checkPushTokens(value: unknown, { settings: { apps } }: ReadingContext): Problem | undefined {
  if (!Array.isArray(value)) return problems.pushTokens;
  for (const token of value) {
    if (!isObject(token)) return problems.pushTokens;
    const { app_id: appId, token: text, device_id: deviceId } = token;
    if (typeof text !== 'string') return problems.pushTokenText;
    if (typeof appId !== 'string' || appId === '' || apps?.includes(appId) === false) return problems.pushTokenApp;
    const deviceBytes = typeof deviceId === 'string' ? Buffer.byteLength(deviceId) : 0;
    if (deviceId !== undefined && (deviceBytes < 8 || deviceBytes > 255)) return problems.deviceId;
  }
  return undefined;
}
