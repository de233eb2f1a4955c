/**
 * Whose object it is (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#identifier-resolution).
 */
import { isObject, type JsonObject } from './json.ts';
import { Problem, problems } from './object-errors.ts';

/** A user as one request names it. */
export type Identifier =
  | { readonly kind: 'external_id' | 'braze_id' | 'email' | 'phone'; readonly value: string }
  | { readonly kind: 'user_alias'; readonly name: string; readonly label: string }
  /** A push token import, which makes a profile without a name. */
  | { readonly kind: 'anonymous' };

/** Which profile an object is for, and what its identifying fields ask for besides. */
export interface Target {
  readonly identifier: Identifier;
  /** Values to store on the profile; null removes. */
  readonly email?: string | null;
  readonly phone?: string | null;
  /** `_update_existing_only`, undefined when omitted: what it means then depends on the identifier. */
  readonly updateExistingOnly: boolean | undefined;
}

/** An address that Braze takes (https://www.braze.com/docs/user_guide/channels/email/best_practices/email_validation). */
const emailPattern =
  /^(?!\.)[^\s"@]{1,64}(?<!\.)@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u;

/** Digits with or without a plus; what else is written between them does not count. */
const phonePattern = /^\+?\d{7,15}$/;

/** Reads the identifying fields of an object, or says what is wrong with them. */
export function readTarget(object: JsonObject, blocked: readonly string[]): Target | Problem {
  const email = readEmail(object['email']);
  if (email instanceof Problem) return email;
  const identifier = readPrimary(object, blocked) ?? readSecondary(object, email);
  if (identifier instanceof Problem) return identifier;
  const updateOnly = object['_update_existing_only'];
  const phone = object['phone'];
  return {
    identifier,
    ...(email === undefined ? {} : { email }),
    ...(typeof phone === 'string' || phone === null ? { phone } : {}),
    updateExistingOnly: typeof updateOnly === 'boolean' ? updateOnly : undefined,
  };
}

/** A user's name in lists and reports, such as `external_id:u1` or `user_alias:amplitude_id:42`. */
export function userName(identifier: Identifier): string {
  if (identifier.kind === 'user_alias') return aliasName(identifier.label, identifier.name);
  return identifier.kind === 'anonymous' ? identifier.kind : `${identifier.kind}:${identifier.value}`;
}

/** The name of the user of an object that was not checked yet, undefined when there is none to be seen. */
export function userNameOf(object: unknown): string | undefined {
  if (!isObject(object)) return undefined;
  const alias = object['user_alias'];
  if (isObject(alias)) return aliasName(String(alias['alias_label']), String(alias['alias_name']));
  for (const kind of ['external_id', 'braze_id', 'email', 'phone'] as const) {
    const value = object[kind];
    if (typeof value === 'string' || typeof value === 'number') return `${kind}:${value}`;
  }
  return undefined;
}

/** A colon in the label must not read as the end of it. */
function aliasName(label: string, name: string): string {
  return `user_alias:${label.replaceAll(':', '%3A')}:${name}`;
}

/** At most one of the three identifiers that look a profile up by themselves. */
function readPrimary(object: JsonObject, blocked: readonly string[]): Identifier | Problem | undefined {
  const externalId = object['external_id'] ?? undefined;
  const brazeId = object['braze_id'] ?? undefined;
  const alias = object['user_alias'] ?? undefined;
  const given = Number(externalId !== undefined) + Number(brazeId !== undefined) + Number(alias !== undefined);
  if (given > 1) return problems.severalIdentifiers;
  if (externalId !== undefined) return readExternalId(externalId, blocked);
  if (alias !== undefined) return readAlias(alias);
  if (brazeId === undefined) return undefined;
  return typeof brazeId === 'string' && brazeId !== '' ? { kind: 'braze_id', value: brazeId } : problems.brazeId;
}

/** Without a primary identifier `email` goes before `phone`; the other is a value like any. */
function readSecondary(object: JsonObject, email: string | null | undefined): Identifier | Problem {
  if (typeof email === 'string') return { kind: 'email', value: email };
  const phone = object['phone'] ?? undefined;
  if (phone === undefined) return problems.identifierMissing;
  if (typeof phone !== 'string' || !phonePattern.test(phone.replaceAll(/[\s().-]/g, ''))) return problems.phone;
  return { kind: 'phone', value: phone };
}

/** A recording of the real API shows that a number is taken, too. */
function readExternalId(value: unknown, blocked: readonly string[]): Identifier | Problem {
  if (typeof value !== 'string' && typeof value !== 'number') return problems.externalId;
  const externalId = String(value);
  if (externalId === '') return problems.externalId;
  if (Buffer.byteLength(externalId) > 987) return problems.externalIdTooLarge;
  return blocked.includes(externalId) ? problems.externalIdBlocked : { kind: 'external_id', value: externalId };
}

/** https://www.braze.com/docs/api/objects_filters/user_alias_object */
function readAlias(value: unknown): Identifier | Problem {
  const { alias_name: name, alias_label: label } = isObject(value) ? value : {};
  return isAliasPart(name) && isAliasPart(label) ? { kind: 'user_alias', name, label } : problems.alias;
}

function isAliasPart(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 236;
}

function readEmail(value: unknown): string | null | undefined | Problem {
  if (value === undefined || value === null) return value;
  return typeof value === 'string' && emailPattern.test(value) ? value : problems.email;
}
