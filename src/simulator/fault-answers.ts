/** The answers of faults that keep a request from being processed. */
import { STATUS_CODES } from 'node:http';
import { type Answer, htmlAnswer } from './answers.ts';
import type { Fault } from './faults.ts';
import { sentKey } from './keys.ts';
import type { SimulatorSettings } from './options.ts';
import { rateHeaders } from './rate-headers.ts';
import type { RateLimits } from './rate-limits.ts';
import { badRequest, forbidden, tooLarge, tooManyRequests, unauthorized } from './refusals.ts';
import type { Arrival } from './request.ts';

/** What the fault answers, undefined when it lets the request be processed. */
export function faultAnswer(
  fault: Fault,
  arrival: Arrival,
  limits: RateLimits,
  settings: SimulatorSettings,
): Answer | undefined {
  const now = Date.now();
  const standing = limits.standing(now, settings);
  const headers = rateHeaders(standing, now, settings);
  switch (fault.kind) {
    case 'status':
      if (fault.body === 'empty') return { status: fault.status, headers: {}, body: '' };
      return htmlAnswer(fault.status, STATUS_CODES[fault.status] ?? '');
    case 'rate_limited': {
      const window = { ...standing, remaining: 0, resetAt: now + (fault.seconds ?? 1) * 1000 };
      const plainText429 = fault.body === undefined ? settings.plainText429 : fault.body === 'text';
      return tooManyRequests(window, now, { ...settings, plainText429 });
    }
    case 'bad_request':
      return badRequest('Bad Request', headers);
    case 'too_large':
      return tooLarge(413, headers);
    case 'unauthorized':
      return unauthorized(sentKey(arrival.authorization));
    case 'forbidden':
      return forbidden('users.track', headers);
    case 'reset':
    case 'lost':
    case 'stall':
    case 'slow':
    case 'truncated':
      break;
  }
  return undefined;
}
