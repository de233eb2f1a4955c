import { z } from 'zod';
import { amplitudeDestination } from '../sinks/amplitude/config.ts';
import { brazeDestination, identifierTypes } from '../sinks/braze/config.ts';
import { currentsEvents, sendEvents } from './events.ts';
import { batchSchema, deliverySchema, head, sourceSchema } from './parts.ts';
import { identifierReference } from './property.ts';
import { sendUsers } from './users.ts';
import { whenSound } from './when-sound.ts';

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

/** A rule file for Braze. What it infers, with the defaults filled in, is a `SyncFile`. */
export const syncSchema = z
  .strictObject({
    ...head,
    source: sourceSchema({ stream: 'EVENTS', subjects: 'events.>' })
      .prefault({})
      .describe('Where the events come from.'),
    destination: brazeDestination.describe('Where the events go.'),
    identifier: identifier
      .prefault({})
      .describe('Which property of an event tells Braze whose it is. One pair, for events and users alike.'),
    events: sendEvents.exactOptional().describe('Send Events: Amplitude events as custom events.'),
    users: sendUsers.exactOptional().describe('Send Users: changes of user properties as attributes.'),
    batch: batchSchema({ max: 75, default: 75, because: 'Braze takes 75, over events and attributes together.' })
      .prefault({})
      .describe('How events are gathered into requests.'),
    delivery: deliverySchema({
      requests: 3000,
      perMs: 3000,
      about: "How often the sync may ask Braze. The contract's limit is shared by all that send to the workspace.",
    })
      .prefault({})
      .describe('How requests are sent.'),
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
  .meta({ title: 'A Sluice sync to Braze' });

/** A rule file for the way back: what Braze tells by Currents, to Amplitude. */
export const amplitudeSyncSchema = z
  .strictObject({
    ...head,
    source: sourceSchema({ stream: 'CURRENTS', subjects: 'currents.>' })
      .prefault({})
      .describe('Where the events come from: a stream of Currents events, one a message, as Braze posted them.'),
    destination: amplitudeDestination.describe('Where the events go.'),
    events: currentsEvents.describe('What is sent of what Braze tells.'),
    batch: batchSchema({
      max: 1_999,
      default: 100,
      because: 'Amplitude takes fewer than 2,000, and advises small requests.',
    })
      .prefault({})
      .describe('How events are gathered into requests.'),
    delivery: deliverySchema({
      requests: 100,
      perMs: 1000,
      about: 'How often the sync may ask Amplitude, which expects fewer than 100 requests a second of a project.',
    })
      .prefault({})
      .describe('How requests are sent.'),
  })
  .meta({ title: 'A Sluice sync to Amplitude' });

/** The schemas of rule files, by `destination.type`. */
export const schemas = { braze: syncSchema, amplitude: amplitudeSyncSchema } as const;

export type DestinationType = keyof typeof schemas;

/** A rule file as it is written, with the defaults filled in. */
export type SyncFile = BrazeSyncFile | AmplitudeSyncFile;

export type BrazeSyncFile = z.infer<typeof syncSchema>;

export type AmplitudeSyncFile = z.infer<typeof amplitudeSyncSchema>;
