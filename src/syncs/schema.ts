import { z } from 'zod';
import { brazeDestination, identifierTypes } from '../sinks/braze/config.ts';
import { sendEvents } from './events.ts';
import { identifierReference } from './property.ts';
import { sendUsers } from './users.ts';
import { whenSound } from './when-sound.ts';

/** Node's timers count milliseconds in 31 bits; a longer wait would end at once. */
const longestTimerMs = 2 ** 31 - 1;

const startError = 'takes new, all or an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z, not {value}';

const source = z.strictObject({
  stream: z
    .string()
    .regex(/^[^\s.*>/\\]+$/, { error: '{value} is no stream name; it has no blanks, dots, slashes, * or >' })
    .default('EVENTS')
    .describe('The JetStream stream that holds the events.')
    .meta({ examples: ['EVENTS'] }),
  subjects: z
    .string()
    .regex(/^([^\s.*>]+|\*)(\.([^\s.*>]+|\*))*(\.>)?$|^>$/, {
      error: '{value} is no subject; it is words joined by dots, where * stands for one word and > for all the rest',
    })
    .regex(/^(?!.*\{type\}.*\{type\})([^{}]*|.*(?<![^.])\{type\}(?![^.]).*)$/, {
      error: '{value} is no subject; {type} is one word of it, once, and there are no other braces',
    })
    .default('events.>')
    .describe(
      'The subjects of the stream that the sync reads. `{type}` in the place of a word says that this word is the event ' +
        'type, as a token of docs/subjects.md, in every message that holds events of one type: then the stream sends ' +
        'the sync the types that it selects, and no others.',
    )
    .meta({ examples: ['events.>'] }),
  start: z
    .union([z.enum(['new', 'all']), z.iso.datetime({ offset: true, error: startError })], { error: startError })
    .default('new')
    .describe(
      'Where the sync begins in the stream: with what is `new`, with `all` that is there, or with what was stored at ' +
        'an ISO 8601 time or later. It counts only when the durable consumer is first made.',
    )
    .meta({ examples: ['2026-01-31T09:00:00Z'] }),
});

const identifier = z.strictObject({
  property: identifierReference
    .default('user_id')
    .describe(
      'The Amplitude property that says whose an event is: `user_id`, `device_id`, `amplitude_id` or `user_properties.<name>`.',
    )
    .meta({ examples: ['user_properties.crm_id'] }),
  type: z
    .enum(identifierTypes)
    .default('external_id')
    .describe('What that value is to Braze.')
    .meta({ examples: ['user_alias'] }),
});

const batch = z.strictObject({
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
    .max(75)
    .default(75)
    .describe('The most objects in a request. Braze takes 75, over events and attributes together.')
    .meta({ examples: [75] }),
});

const rateLimit = z.strictObject({
  requests: z
    .int()
    .min(1)
    .default(3000)
    .describe('The most requests in each period.')
    .meta({ examples: [3000] }),
  perMs: z
    .int()
    .min(1)
    .max(longestTimerMs)
    .default(3000)
    .describe('The length of the period, in milliseconds.')
    .meta({ examples: [3000] }),
});

const delivery = z.strictObject({
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
  rateLimit: rateLimit
    .prefault({})
    .describe("How often the sync may ask Braze. The contract's limit is shared by all that send to the workspace."),
  giveUpAfterMs: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('The age in milliseconds at which an undelivered event goes to the dead letters; null for never.')
    .meta({ examples: [14_400_000] }),
});

/** A rule file. What it infers, with the defaults filled in, is `SyncFile`. */
export const syncSchema = z
  .strictObject({
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
    source: source.prefault({}).describe('Where the events come from.'),
    destination: brazeDestination.describe('Where the events go.'),
    identifier: identifier
      .prefault({})
      .describe('Which property of an event tells Braze whose it is. One pair, for events and users alike.'),
    events: sendEvents.exactOptional().describe('Send Events: Amplitude events as custom events.'),
    users: sendUsers.exactOptional().describe('Send Users: changes of user properties as attributes.'),
    batch: batch.prefault({}).describe('How events are gathered into requests.'),
    delivery: delivery.prefault({}).describe('How requests are sent.'),
  })
  .superRefine(
    ({ identifier, destination }, context) => {
      if (identifier.type === 'user_alias' && destination.userAliasLabel === undefined)
        context.addIssue({
          code: 'custom',
          path: ['destination', 'userAliasLabel'],
          message: 'is missing, and identifier.type is user_alias; add a label such as userAliasLabel: amplitude_id',
        });
    },
    whenSound(['identifier', 'type'], ['destination', 'userAliasLabel']),
  )
  .meta({ title: 'A Sluice sync' });

/** A rule file as it is written, with the defaults filled in. */
export type SyncFile = z.infer<typeof syncSchema>;
