import { isRecord, ownValue } from '../../core/event.ts';
import type { Reply } from '../http/client.ts';
import type { BrazeConfig } from './config.ts';

/**
 * Reading users back: braze.com/docs/api/endpoints/export/user_data/post_users_identifier. It takes 50 users a request
 * and, by default, 250 requests a minute, and a key with the permission `users.export.ids`.
 */
export const exportPath = '/users/export/ids';
export const maxExportedUsers = 50;

/** The standard fields that an export has. */
const exportedFields = `country dob email email_subscribe first_name gender home_city language last_name phone
  push_subscribe time_zone`.split(/\s+/);
/** Those that no export has, so that they cannot be read back. */
const hiddenFields = `current_location date_of_first_session date_of_last_session email_click_tracking_disabled
  email_open_tracking_disabled facebook image_url marked_email_as_spam_at push_tokens subscription_groups
  twitter`.split(/\s+/);

/** What Braze has of a user. */
export interface ExportedUser {
  /** Null if there is none, which an export does not tell from one that is empty; undefined if it cannot be read. */
  attribute(name: string): unknown;
}

/** Whether several users can be asked for at once: those that are known by an external id or an alias. */
export function canExport({ identifierType }: BrazeConfig): boolean {
  return identifierType === 'external_id' || identifierType === 'user_alias';
}

export function exportBody({ identifierType, userAliasLabel }: BrazeConfig, users: readonly string[]): string {
  const aliases = users.map((alias_name) => ({ alias_name, alias_label: userAliasLabel }));
  return JSON.stringify({
    ...(identifierType === 'user_alias' ? { user_aliases: aliases } : { external_ids: users }),
    fields_to_export: ['external_id', 'user_aliases', 'custom_attributes', ...exportedFields],
  });
}

/** The users that Braze has, by identifier; or why that could not be read. */
export function readExport(config: BrazeConfig, reply: Reply): ReadonlyMap<string, ExportedUser> | string {
  if (reply.kind === 'failure') return reply.detail;
  if (reply.status < 200 || reply.status > 299) return `Braze answered with ${reply.status}`;
  const users = ownValue(parsed(reply.body), 'users');
  if (!Array.isArray(users)) return 'Braze answered without a list of users';
  return new Map(
    users.flatMap((user) => identifiersOf(config, user).map((identifier) => [identifier, exported(user)] as const)),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function identifiersOf({ identifierType, userAliasLabel }: BrazeConfig, user: unknown): readonly string[] {
  const aliases = ownValue(user, 'user_aliases');
  const identifiers =
    identifierType === 'external_id'
      ? [ownValue(user, 'external_id')]
      : (Array.isArray(aliases) ? aliases : [])
          .filter((alias) => ownValue(alias, 'alias_label') === userAliasLabel)
          .map((alias) => ownValue(alias, 'alias_name'));
  return identifiers.filter((identifier) => typeof identifier === 'string');
}

function exported(user: unknown): ExportedUser {
  const custom = ownValue(user, 'custom_attributes');
  return {
    attribute(name) {
      if (hiddenFields.includes(name)) return undefined;
      if (exportedFields.includes(name)) return ownValue(user, name) ?? null;
      return isRecord(custom) ? (ownValue(custom, name) ?? null) : null;
    },
  };
}
