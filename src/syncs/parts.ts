import { z } from 'zod';

/** Node's timers count milliseconds in 31 bits; a longer wait would end at once. */
const longestTimerMs = 2 ** 31 - 1;

const startError = 'takes new, all or an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z, not {value}';

/** The fields that every rule file begins with. */
export const head = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: '{value} is no name; use 1 to 64 letters, digits, _ and -' })
    .describe(
      'The name of the sync, and of its durable consumer: under another name it starts anew. ' +
        'Up to 64 letters, digits, `_` and `-`.',
    )
    .meta({ examples: ['purchases'] }),
  enabled: z
    .boolean()
    .default(true)
    .describe('Whether `run` runs the sync. One that was disabled starts from now when it is enabled again.')
    .meta({ examples: [false] }),
};

export interface SourceDefaults {
  readonly stream: string;
  readonly subjects: string;
}

/** `source` in a rule file. */
export function sourceSchema(defaults: SourceDefaults) {
  return z.strictObject({
    stream: z
      .string()
      .regex(/^[^\s.*>/\\]+$/, { error: '{value} is no stream name; it has no blanks, dots, slashes, * or >' })
      .default(defaults.stream)
      .describe('The JetStream stream that holds the events.')
      .meta({ examples: [defaults.stream] }),
    subjects: z
      .string()
      .regex(/^([^\s.*>]+|\*)(\.([^\s.*>]+|\*))*(\.>)?$|^>$/, {
        error: '{value} is no subject; it is words joined by dots, where * stands for one word and > for all the rest',
      })
      .regex(/^(?!.*\{type\}.*\{type\})([^{}]*|.*(?<![^.])\{type\}(?![^.]).*)$/, {
        error: '{value} is no subject; {type} is one word of it, once, and there are no other braces',
      })
      .default(defaults.subjects)
      .describe(
        'The subjects of the stream that the sync reads. `{type}` in the place of a word says that this word is the event ' +
          'type, as a token of docs/subjects.md, in every message that holds events of one type: then the stream sends ' +
          'the sync the types that it selects, and no others.',
      )
      .meta({ examples: [defaults.subjects] }),
    start: z
      .union([z.enum(['new', 'all']), z.iso.datetime({ offset: true, error: startError })], { error: startError })
      .default('new')
      .describe(
        'Where the sync begins in the stream: with what is `new`, with `all` that is there, or with what was stored at ' +
          'an ISO 8601 time or later. It counts only when the durable consumer is first made.',
      )
      .meta({ examples: ['2026-01-31T09:00:00Z'] }),
  });
}

export interface BatchLimits {
  /** The most objects that a request can hold. */
  readonly max: number;
  readonly default: number;
  /** Why no more. */
  readonly because: string;
}

/** `batch` in a rule file. */
export function batchSchema(limits: BatchLimits) {
  return z.strictObject({
    maxWaitMs: z
      .int()
      .min(1)
      .max(longestTimerMs)
      .default(1000)
      .describe('How long an event may wait for a request to fill, in milliseconds.')
      .meta({ examples: [1000] }),
    maxObjects: z
      .int()
      .min(1)
      .max(limits.max)
      .default(limits.default)
      .describe(`The most objects in a request. ${limits.because}`)
      .meta({ examples: [limits.default] }),
  });
}

export interface RateDefaults {
  readonly requests: number;
  readonly perMs: number;
  /** What the limit is about. */
  readonly about: string;
}

/** `delivery` in a rule file. */
export function deliverySchema(rate: RateDefaults) {
  const rateLimit = z.strictObject({
    requests: z
      .int()
      .min(1)
      .default(rate.requests)
      .describe('The most requests in each period.')
      .meta({ examples: [rate.requests] }),
    perMs: z
      .int()
      .min(1)
      .max(longestTimerMs)
      .default(rate.perMs)
      .describe('The length of the period, in milliseconds.')
      .meta({ examples: [rate.perMs] }),
  });

  return z.strictObject({
    concurrency: z
      .int()
      .min(1)
      .default(16)
      .describe('The most requests under way at once.')
      .meta({ examples: [16] }),
    order: z
      .enum(['user', 'none'])
      .default('user')
      .describe(
        'Whether the events of a `user` arrive in the order of the stream: no two requests under way hold the same user. ' +
          '`none` gives that up for fuller requests.',
      )
      .meta({ examples: ['user'] }),
    rateLimit: rateLimit.prefault({}).describe(rate.about),
    giveUpAfterMs: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('The age in milliseconds at which an undelivered event goes to the dead letters; null for never.')
      .meta({ examples: [14_400_000] }),
  });
}
