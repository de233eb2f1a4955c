import { z } from 'zod';
import { resolveEndpoint } from './endpoint.ts';

/** The ways in which Braze can be told whose an object is: braze.com/docs/api/endpoints/user_data/post_user_track. */
export const identifierTypes = ['external_id', 'braze_id', 'user_alias', 'email'] as const;

export type IdentifierType = (typeof identifierTypes)[number];

const maxAliasBytes = 236;

/**
 * `destination` in a rule file. In an issue's message, `{value}` stands for the value, which may be a secret: only
 * who prints the message knows whether it may be shown.
 */
export const brazeDestination = z.strictObject({
  type: z
    .literal('braze')
    .describe('What kind of destination this is.')
    .meta({ examples: ['braze'] }),
  endpoint: z
    .string()
    .superRefine((endpoint, context) => {
      const resolved = resolveEndpoint(endpoint);
      if ('fault' in resolved) context.addIssue({ code: 'custom', message: `{value} ${resolved.fault}` });
    })
    .describe(
      "Braze's REST endpoint, as the page of the API key shows it: any https URL without path or query, " +
        'http on loopback, or the name of an instance (`US-01` to `KR-01`).',
    )
    .meta({ examples: ['https://rest.iad-01.braze.com'] }),
  apiKey: z
    .string()
    .regex(/^[\x21-\x7e]+$/, {
      error: 'holds a blank or a character that no Braze key has; write the bare key, without `Bearer` before it',
    })
    .describe('A REST API key with the permission `users.track`. Keep it in the environment, never in the file.')
    .meta({ examples: ['${BRAZE_API_KEY}'] }),
  appId: z
    .string()
    .regex(/\S/, { error: '{value} is blank; write the identifier of the app, or leave appId out' })
    .exactOptional()
    .describe(
      "The identifier of the app that the events belong to. Without it Braze's usage reports tie them to no app. " +
        'It is sent on events, never on attributes.',
    )
    .meta({ examples: ['${BRAZE_APP_ID}'] }),
  userAliasLabel: z
    .string()
    .refine((label) => label.trim() !== '' && Buffer.byteLength(label) <= maxAliasBytes, {
      error: `{value} is no alias label; Braze takes 1 to ${maxAliasBytes} bytes`,
    })
    .exactOptional()
    .describe('The label of the user aliases. Required exactly when `identifier.type` is `user_alias`.')
    .meta({ examples: ['amplitude_id'] }),
  updateUsersOnly: z
    .boolean()
    .default(false)
    .describe(
      'Only updates users that Braze has, and creates none. Leave it off if alias-only profiles are to be created.',
    )
    .meta({ examples: [true] }),
});

/** A Braze destination, ready to be sent to. */
export interface BrazeConfig {
  /** Scheme, host and port, without a slash at the end. */
  readonly endpoint: string;
  /** A secret. */
  readonly apiKey: string;
  readonly appId?: string;
  readonly identifierType: IdentifierType;
  /** Present exactly when the identifier type is `user_alias`. */
  readonly userAliasLabel?: string;
  readonly updateUsersOnly: boolean;
}
