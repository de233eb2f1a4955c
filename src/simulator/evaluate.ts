/**
 * What a request is worth, judged step by step; the first step that fails makes the answer. The order is ours but for
 * the key before the rate limit, which was recorded.
 */
import { type Answer, type Headers, jsonAnswer } from './answers.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Keys } from './keys.ts';
import { inputArrays, type ObjectCounts, type Reading, readObjects, totalOf } from './objects.ts';
import type { ObjectLimit, SimulatorSettings } from './options.ts';
import { rateHeaders } from './rate-headers.ts';
import type { RateLimits } from './rate-limits.ts';
import type { ReadingContext } from './reading.ts';
import { badRequest, forbidden, tooLarge, tooManyRequests, unauthorized, unsupportedMediaType } from './refusals.ts';
import type { Arrival } from './request.ts';

/** The answer to a request and what it did to the data. */
export interface Verdict {
  readonly answer: Answer;
  /** Undefined when the objects were not looked at: then the request has no effect. */
  readonly reading: Reading | undefined;
}

export interface Rules {
  readonly keys: Keys;
  readonly limits: RateLimits;
}

/** The sentence of an answer in which nothing was accepted, as third parties have recorded it. */
const noValidData = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";

/** Judges a request that came to the right place: key, permission, type, size, rate, JSON, count, objects. */
export function evaluate(arrival: Arrival, rules: Rules, context: ReadingContext): Verdict {
  const { keys, limits } = rules;
  const { settings, now } = context;
  const key = keys.check(arrival.authorization, 'users.track');
  if (key.kind === 'unknown') return refused(unauthorized(key.key));

  const before = rateHeaders(limits.standing(now, settings), now, settings);
  if (key.kind === 'forbidden') return refused(forbidden('users.track', before));
  if (mediaType(arrival) !== 'application/json') return refused(unsupportedMediaType(before));
  if (arrival.unreadable === 'too large') return refused(tooLarge(settings.tooLargeStatus, before));

  const full = limits.admit(now, settings);
  if (full !== undefined) return refused(tooManyRequests(full, now, settings));

  const headers = rateHeaders(limits.standing(now, settings), now, settings);
  const body = readBody(arrival, settings);
  if (typeof body === 'string') return refused(badRequest(body, headers));
  return judgeObjects(readObjects(body, context), headers);
}

function refused(answer: Answer): Verdict {
  return { answer, reading: undefined };
}

/** Without parameters such as the charset. */
function mediaType({ contentType }: Arrival): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase();
}

/** The body, or why nothing in it is looked at. */
function readBody({ body, objects, unreadable }: Arrival, { objectLimit }: SimulatorSettings): JsonObject | string {
  if (unreadable !== undefined) return `Bad Request: the body is ${unreadable}`;
  if (!isObject(body)) return 'Bad Request: the body is not a JSON object';
  const misshapen = inputArrays.find((array) => body[array] !== undefined && !Array.isArray(body[array]));
  if (misshapen !== undefined) return `'${misshapen}' must be an array`;
  if (totalOf(objects) === 0) return noValidData;
  return isOver(objectLimit, objects) ? 'Max input length exceeded' : body;
}

function isOver(limit: ObjectLimit, objects: ObjectCounts): boolean {
  if (limit === 'perArray75') return Object.values(objects).some((count) => count > 75);
  return totalOf(objects) > (limit === 'combined50' ? 50 : 75);
}

/**
 * 201 as soon as one object is accepted, else 400: so the same bad object is an error in good company and a bad
 * request alone (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#responses). The counters are of
 * accepted objects, and one of an array without any is left out.
 */
function judgeObjects(reading: Reading, headers: Headers): Verdict {
  const errors = reading.errors.length === 0 ? {} : { errors: reading.errors };
  if (reading.accepted.length === 0) {
    return { answer: jsonAnswer(400, { message: noValidData, ...errors }, headers), reading };
  }
  const counters = inputArrays
    .filter((array) => reading.acceptedCounts[array] > 0)
    .map((array) => [`${array}_processed`, reading.acceptedCounts[array]]);
  const body = { message: 'success', ...Object.fromEntries(counters), ...errors };
  return { answer: jsonAnswer(201, body, headers), reading };
}
