/**
 * The answers to a request that is refused whole. The statuses are those of https://www.braze.com/docs/api/errors; its
 * bodies are not published, except where it says so.
 */
import { type Answer, type Headers, jsonAnswer, plainAnswer } from './answers.ts';
import type { SimulatorSettings } from './options.ts';
import { emptyRateHeaders, refusalHeaders } from './rate-headers.ts';
import type { Standing } from './rate-limits.ts';

export function badRequest(message: string, headers: Headers): Answer {
  return jsonAnswer(400, { message }, headers);
}

/** Recorded: it repeats the key that was sent, so whoever logs it must redact it. */
export function unauthorized(key: string): Answer {
  return jsonAnswer(401, { message: `Invalid API key: ${key}` }, emptyRateHeaders);
}

export function forbidden(permission: string, headers: Headers): Answer {
  return jsonAnswer(403, { message: `The API key does not have the permission '${permission}'` }, headers);
}

export function tooLarge(status: 413 | 400, headers: Headers): Answer {
  return jsonAnswer(status, { message: 'Request entity too large' }, headers);
}

export function unsupportedMediaType(headers: Headers): Answer {
  return jsonAnswer(415, { message: "'Content-Type' must be application/json" }, headers);
}

export function tooManyRequests(window: Standing, now: number, settings: SimulatorSettings): Answer {
  const headers = refusalHeaders(window, now, settings);
  if (settings.plainText429) return plainAnswer(429, 'Too Many Requests', headers);
  return jsonAnswer(429, { message: 'Rate limit exceeded' }, headers);
}
