/**
 * The rate-limit headers, whose two official descriptions contradict each other:
 * https://www.braze.com/docs/api/api_limits (`epoch`: on each response, reset as a time) and
 * https://www.braze.com/docs/api/endpoints/user_data/post_user_track (`mau`: reset as seconds left, and on a 429 only
 * the seconds to wait). Recorded responses have the names in lower case.
 */
import type { Headers } from './answers.ts';
import type { SimulatorSettings } from './options.ts';
import type { Standing } from './rate-limits.ts';

/** The headers of a response that is not a 429. */
export function rateHeaders(standing: Standing, now: number, { headerModel }: SimulatorSettings): Headers {
  const reset = headerModel === 'epoch' ? standing.resetAt / 1000 : (standing.resetAt - now) / 1000;
  return {
    'x-ratelimit-limit': String(standing.limit),
    'x-ratelimit-remaining': String(standing.remaining),
    'x-ratelimit-reset': String(Math.ceil(reset)),
  };
}

/** The headers of a 429. */
export function refusalHeaders(standing: Standing, now: number, settings: SimulatorSettings): Headers {
  const seconds = String(Math.max(1, Math.ceil((standing.resetAt - now) / 1000)));
  return {
    ...(settings.headerModel === 'epoch'
      ? rateHeaders(standing, now, settings)
      : { 'x-ratelimit-retry-after': seconds }),
    ...(settings.retryAfter ? { 'retry-after': seconds } : {}),
  };
}

/** The headers of a 401, as recorded: there, and empty. */
export const emptyRateHeaders: Headers = {
  'x-ratelimit-limit': '',
  'x-ratelimit-remaining': '',
  'x-ratelimit-reset': '',
};
