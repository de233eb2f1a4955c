/**
 * Why an object of a request is rejected, in the words of Braze.
 *
 * The error codes are those of https://www.braze.com/docs/api/endpoints/user_data/post_user_track#endpoint-specific-errors.
 * Braze answers some reasons with a code and others with a sentence, and used to have sentences for all; a sentence
 * that is not published is of our making. Clients should take `type` as opaque text.
 */

/** The arrays of a request body. */
export type InputArray = 'attributes' | 'events' | 'purchases';

/** `symbolic` says the code where there is one; `sentence` never does. */
export type ErrorStyle = 'symbolic' | 'sentence';

/** One entry of `errors` in an answer. */
export interface ErrorEntry {
  readonly type: string;
  readonly input_array: InputArray;
  /** Zero-based, in that array of the request. */
  readonly index: number;
}

/** Why one object is rejected. */
export class Problem {
  readonly sentence: string;
  readonly code: string | undefined;

  constructor(sentence: string, code?: string) {
    this.sentence = sentence;
    this.code = code;
  }

  in(style: ErrorStyle): string {
    return style === 'symbolic' ? (this.code ?? this.sentence) : this.sentence;
  }
}

export const problems = {
  identifierMissing: new Problem("'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"),
  severalIdentifiers: new Problem("only one of 'external_id', 'braze_id' or 'user_alias' is allowed"),
  externalId: new Problem("'external_id' must be a non-empty string"),
  externalIdTooLarge: new Problem("'external_id' must not exceed 987 bytes", 'EXTERNAL_USER_ID_TOO_LARGE'),
  externalIdBlocked: new Problem('provided external_id is blacklisted and disallowed', 'BLACKLISTED_EXTERNAL_USER_ID'),
  brazeId: new Problem("'braze_id' must be a non-empty string"),
  alias: new Problem("'user_alias' must have an 'alias_name' and an 'alias_label' of 1 to 236 bytes"),
  email: new Problem("The value provided for the 'email' field is not a valid email.", 'EMAIL_BAD_FORMAT'),
  phone: new Problem("'phone' is not valid"),
  name: new Problem("'name' is required"),
  time: new Problem("'time' is not valid"),
  properties: new Problem("Invalid 'properties' field"),
  propertiesTooLarge: new Problem("'properties' is too large"),
  app: new Problem("'app_id' is not valid"),
  productId: new Problem("'product_id' is not valid"),
  currency: new Problem("'currency' must be an ISO 4217 currency"),
  price: new Problem("'price' is not valid"),
  quantity: new Problem("'quantity' is not valid"),
  deviceId: new Problem("'device_id' must be between 8 and 255 bytes", 'BAD_DEVICE_ID'),
  emailSubscribe: new Problem("'email_subscribe' is not valid", 'BAD_EMAIL_SUBSCRIPTION_STATE'),
  location: new Problem("'current_location' must have a longitude and a latitude", 'BAD_LOCATION_UPDATE'),
  pushSubscribe: new Problem("'push_subscribe' is not valid", 'BAD_PUSH_SUBSCRIPTION_STATE'),
  pushTokenApp: new Problem("'app_id' of a push token is not valid", 'BAD_PUSH_TOKEN_APP_ID'),
  pushTokenImport: new Problem('a push token import needs tokens and no identifier', 'BAD_PUSH_TOKEN_IMPORT'),
  pushTokenText: new Problem("'token' of a push token must be a string", 'BAD_PUSH_TOKEN_STRING'),
  pushTokens: new Problem("'push_tokens' must be an array of objects", 'BAD_PUSH_TOKEN_VALUE'),
  groups: new Problem("'subscription_groups' must be an array", 'BAD_SUBSCRIPTION_GROUP_ARRAY'),
  group: new Problem('a subscription group must have an id and a state', 'BAD_SUBSCRIPTION_GROUP_HASH'),
  groupId: new Problem("'subscription_group_id' is not valid", 'BAD_SUBSCRIPTION_GROUP_ID'),
  groupState: new Problem("'subscription_state' is not valid", 'BAD_SUBSCRIPTION_GROUP_STATE'),
  emailSubscriptionInfo: new Problem(
    "'email_subscription_info' is not a valid attribute",
    'INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO',
  ),
} as const;
