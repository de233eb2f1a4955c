/**
 * `/users/export/ids` (https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier): the profiles of
 * up to 50 external ids and aliases, or of one address, number or `braze_id`. It shows what has been applied, which a
 * request that was just accepted has not. Statuses and texts of refusals are ours, as far as they are not those of
 * every endpoint.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, jsonAnswer, sendAnswer } from './answers.ts';
import type { Identifier } from './identifiers.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Profile } from './profiles.ts';
import { rateHeaders } from './rate-headers.ts';
import { badRequest, forbidden, tooManyRequests, unauthorized, unsupportedMediaType } from './refusals.ts';
import { arrivalOf, readContent } from './request.ts';
import type { Workspace } from './workspace.ts';

const permission = 'users.export.ids';
const minuteMs = 60_000;
const maxUsers = 50;

/** The fields of a profile that the simulator has; all others are those of a user who never opened an app. */
const fields = new Set(
  `braze_id country created_at custom_attributes dob email email_subscribe external_id first_name gender home_city
  language last_name phone push_subscribe time_zone user_aliases`.split(/\s+/),
);
const emptyFields = new Set(
  `apps attributed_campaign attributed_source attributed_adgroup attributed_ad campaigns_received canvases_received
  cards_clicked custom_events devices last_coordinates purchases push_tokens random_bucket total_revenue
  uninstalled_at`.split(/\s+/),
);
/** Standard fields that no export shows; they are no custom attributes either. */
const hidden = new Set(
  `current_location date_of_first_session date_of_last_session email_click_tracking_disabled
  email_open_tracking_disabled facebook image_url marked_email_as_spam_at subscription_groups twitter`.split(/\s+/),
);

export class ExportEndpoint {
  readonly #workspace: Workspace;
  #minute = 0;
  #inMinute = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const content = await readContent(incoming, this.#workspace.settings.maxBodyBytes);
    if (content !== undefined) sendAnswer(response, this.#answer(arrivalOf(incoming, content, 0)));
  }

  #answer({ authorization, contentType, body }: ReturnType<typeof arrivalOf>): Answer {
    const { keys, settings } = this.#workspace;
    const now = Date.now();
    const key = keys.check(authorization, permission);
    if (key.kind === 'unknown') return unauthorized(key.key);
    const standing = this.#admit(now);
    const headers = rateHeaders(standing, now, settings);
    if (key.kind === 'forbidden') return forbidden(permission, headers);
    if (contentType?.split(';')[0] !== 'application/json') return unsupportedMediaType(headers);
    if (standing.remaining < 0) return tooManyRequests({ ...standing, remaining: 0 }, now, settings);
    if (!isObject(body)) return badRequest('Bad Request: the body is not a JSON object', headers);
    const users = usersIn(body);
    if (typeof users === 'string') return badRequest(users, headers);
    const wanted = body['fields_to_export'];
    if (!Array.isArray(wanted) || wanted.length === 0) return badRequest("'fields_to_export' is required", headers);
    const unknown = wanted.find((field) => !fields.has(field as string) && !emptyFields.has(field as string));
    if (unknown !== undefined) return badRequest(`'${String(unknown)}' is no field to export`, headers);

    const found = new Set<Profile>();
    const invalid: string[] = [];
    for (const user of users) {
      const profile = this.#workspace.profiles.find(user);
      if (profile !== undefined) found.add(profile);
      else if (user.kind !== 'anonymous') invalid.push(user.kind === 'user_alias' ? user.name : user.value);
    }
    const exported = [...found].map((profile) => exportOf(profile, wanted as string[]));
    const rest = invalid.length === 0 ? {} : { invalid_user_ids: invalid };
    return jsonAnswer(201, { message: 'success', users: exported, ...rest }, headers);
  }

  #admit(now: number) {
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.#minute) [this.#minute, this.#inMinute] = [minute, 0];
    const limit = this.#workspace.settings.exportsPerMinute ?? Number.MAX_SAFE_INTEGER;
    return { limit, remaining: limit - ++this.#inMinute, resetAt: (minute + 1) * minuteMs };
  }
}

/** The users that a request names, or why it cannot be answered. */
function usersIn(body: JsonObject): readonly Identifier[] | string {
  const { external_ids: ids = [], user_aliases: aliases = [] } = body;
  if (!Array.isArray(ids) || !Array.isArray(aliases)) return "'external_ids' and 'user_aliases' must be arrays";
  if (ids.length + aliases.length > maxUsers) return `at most ${maxUsers} users can be exported at once`;
  const users: Identifier[] = ids.map((id) => ({ kind: 'external_id', value: String(id) }));
  for (const alias of aliases) {
    if (!isObject(alias)) return "'user_aliases' must hold objects";
    users.push({ kind: 'user_alias', name: String(alias['alias_name']), label: String(alias['alias_label']) });
  }
  for (const [field, kind] of [
    ['braze_id', 'braze_id'],
    ['email_address', 'email'],
    ['phone', 'phone'],
  ] as const) {
    const value = body[field];
    if (typeof value === 'string') users.push({ kind, value });
  }
  return users.length === 0 ? 'no user is named' : users;
}

/** As little as possible: what is null or empty is not there. */
function exportOf(profile: Profile, wanted: readonly string[]): JsonObject {
  const { brazeId, externalId, alias, email, phone, attributes } = profile;
  const custom = [...attributes].filter(([name]) => !fields.has(name) && !hidden.has(name));
  const whole: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries([...attributes].filter(([name]) => fields.has(name))),
    braze_id: brazeId,
    external_id: externalId,
    email,
    phone,
    user_aliases: alias === undefined ? undefined : [{ alias_name: alias.name, alias_label: alias.label }],
    custom_attributes: custom.length === 0 ? undefined : Object.fromEntries(custom),
  };
  return Object.fromEntries(wanted.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])));
}
