type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Above this a reset is an instant in seconds since 1970, below it is a number of seconds from now. */
const leastEpochSeconds = 1_000_000_000;

/**
 * How long a 429 asks to wait, in milliseconds; undefined if its headers do not say.
 *
 * Braze's pages differ in what they promise: `X-RateLimit-Reset` as an instant (braze.com/docs/api/api_limits), or,
 * under plans by monthly active users, as seconds left, with `X-Ratelimit-Retry-After` on a 429
 * (braze.com/docs/api/endpoints/user_data/post_user_track). A header that is empty, as on a 401, counts as absent.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const after = seconds(headers['x-ratelimit-retry-after']) ?? seconds(headers['retry-after']);
  if (after !== undefined) return after * 1_000;

  const date = instant(headers['retry-after']);
  if (date !== undefined) return Math.max(0, date - now);

  const reset = seconds(headers['x-ratelimit-reset']);
  if (reset === undefined) return undefined;
  return reset > leastEpochSeconds ? Math.max(0, reset * 1_000 - now) : reset * 1_000;
}

function seconds(value: Headers[string]): number | undefined {
  const digits = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(text(value))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** An HTTP date, which always says GMT: `Date.parse` by itself makes a date of nearly anything. */
function instant(value: Headers[string]): number | undefined {
  const date = text(value).endsWith('GMT') ? Date.parse(text(value)) : NaN;
  return Number.isNaN(date) ? undefined : date;
}

function text(value: Headers[string]): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
