import type { Draft, EventEntry, UpdateEntry, UserUpdate } from '../../core/entry.ts';
import { remembered } from '../../core/remembered.ts';
import type { BrazeConfig } from './config.ts';

/**
 * The event object of Braze for a draft: braze.com/docs/api/objects_filters/event_object. Fields in the order of that
 * page; `properties` is left out when there are none.
 *
 * Throws a RangeError if a property is nested too deep to be written as JSON.
 */
export function encodeEvent(config: BrazeConfig): (draft: Draft, storedAt: number) => EventEntry {
  const identify = identifierWriter(config);
  const fixed = (config.appId === undefined ? '' : `"app_id":${JSON.stringify(config.appId)},`) + existingOnly(config);
  const named = remembered((name) => `,${fixed}"name":${JSON.stringify(name)},"time":"`);
  return ({ identifier, name, time, properties }, storedAt) => {
    const written = JSON.stringify(properties);
    const rest = written === '{}' ? '"}' : `","properties":${written}}`;
    const json = `{${identify(identifier)}${named(name)}${time}${rest}`;
    return { kind: 'event', user: identifier, json, bytes: Buffer.byteLength(json), storedAt };
  };
}

/**
 * The attributes object of Braze for an update of a user: braze.com/docs/api/objects_filters/user_attributes_object. An
 * attribute that is named like one of Braze's own fields, such as `email`, sets that field.
 */
export function encodeUpdate(config: BrazeConfig): (update: UserUpdate, storedAt: number) => UpdateEntry {
  const identify = identifierWriter(config);
  const existing = existingOnly(config).replace(/^(.+),$/, ',$1');
  return ({ identifier, attributes, before, written }, storedAt) => {
    const head = `{${identify(identifier)}${existing}`;
    const json = withAttributes(head, attributes);
    const entry = { user: identifier, json, bytes: Buffer.byteLength(json), storedAt, head, attributes };
    return { kind: 'update', ...entry, ...(before && { before }), ...(written && { written }) };
  };
}

/** An attributes object: who, and what. */
export function withAttributes(head: string, attributes: UserUpdate['attributes']): string {
  const written = JSON.stringify(attributes);
  return written === '{}' ? `${head}}` : `${head},${written.slice(1)}`;
}

/** What a request may hold: 75 objects and 4 MB, less what stands around the objects. braze.com/docs/api/api_limits. */
export const bodyLimits = { entries: 75, bytes: 4_000_000 - '{"attributes":[],"events":[]}'.length };

function identifierWriter({ identifierType, userAliasLabel }: BrazeConfig): (identifier: string) => string {
  if (identifierType !== 'user_alias') return (identifier) => `"${identifierType}":${JSON.stringify(identifier)}`;
  const label = JSON.stringify(userAliasLabel ?? '');
  return (identifier) => `"user_alias":{"alias_name":${JSON.stringify(identifier)},"alias_label":${label}}`;
}

/**
 * Braze creates users for external ids and e-mail addresses unless told not to, and for aliases only if told to. So the
 * flag is written out for aliases in both states: braze.com/docs/api/endpoints/user_data/post_user_track.
 */
function existingOnly({ updateUsersOnly, identifierType }: BrazeConfig): string {
  if (updateUsersOnly) return '"_update_existing_only":true,';
  return identifierType === 'user_alias' ? '"_update_existing_only":false,' : '';
}
