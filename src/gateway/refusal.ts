/** The fields of Amplitude's answers to what it does not take (https://amplitude.com/docs/apis/analytics/http-v2). */
export interface RefusalFields {
  readonly missing_field?: string;
  /** The field, and the indexes of the events in which it is wrong. */
  readonly events_with_invalid_fields?: Indexes;
  readonly events_with_missing_fields?: Indexes;
  readonly events_with_invalid_id_lengths?: Indexes;
  readonly eps_threshold?: number;
  readonly throttled_devices?: Readonly<Record<string, number>>;
  readonly throttled_users?: Readonly<Record<string, number>>;
  readonly throttled_events?: readonly number[];
  readonly exceeded_daily_quota_users?: Readonly<Record<string, number>>;
  readonly exceeded_daily_quota_devices?: Readonly<Record<string, number>>;
}

export type Indexes = Readonly<Record<string, readonly number[]>>;

/** A request is not taken: thrown where it is found out, answered in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly fields: RefusalFields;

  /** @param message what Amplitude's `error` says */
  constructor(status: number, message: string, fields: RefusalFields = {}) {
    super(message);
    this.status = status;
    this.fields = fields;
  }

  /** The body of the answer. SDKs read `code` from it rather than the status. */
  body(): Readonly<Record<string, unknown>> {
    return { code: this.status, error: this.message, ...this.fields };
  }
}

export function tooLarge(): Refusal {
  return new Refusal(413, 'Payload too large');
}

export function invalidBody(): Refusal {
  return new Refusal(400, 'Invalid JSON request body');
}

/** SDKs look for these words: they give such events up rather than send them again for ever. */
export function invalidApiKey(): Refusal {
  return new Refusal(400, 'Invalid API key');
}

/** The stream cannot keep up. SDKs send the events again that `throttled_events` does not name, when they next flush. */
export function tooManyRequests(): Refusal {
  return new Refusal(429, 'Too many requests: the stream cannot keep up, so send this again in 30 seconds', {
    eps_threshold: 0,
    throttled_devices: {},
    throttled_users: {},
    throttled_events: [],
    exceeded_daily_quota_users: {},
    exceeded_daily_quota_devices: {},
  });
}
