import { z } from 'zod';
import { originOf } from '../http/origin.ts';

/** Where Amplitude takes events: amplitude.com/docs/apis/analytics/http-v2 and …/batch-event-upload. */
const origins = { us: 'https://api2.amplitude.com', eu: 'https://api.eu.amplitude.com' } as const;

/** The paths of the two ways in. */
export const paths = { httpapi: '/2/httpapi', batch: '/batch' } as const;

/** How the events of Braze are named in Amplitude. */
export const nameStyles = ['appboy', 'plain', 'raw'] as const;

export type NameStyle = (typeof nameStyles)[number];

/** `destination` in a rule file; `{value}` as in the one of Braze. */
export const amplitudeDestination = z
  .strictObject({
    type: z
      .literal('amplitude')
      .describe('What kind of destination this is.')
      .meta({ examples: ['amplitude'] }),
    region: z
      .enum(['us', 'eu'])
      .exactOptional()
      .describe('Where the Amplitude project is: `us`, which is the default, or `eu`.')
      .meta({ examples: ['eu'] }),
    endpoint: z
      .string()
      .superRefine((endpoint, context) => {
        const resolved = resolve(endpoint);
        if ('fault' in resolved) context.addIssue({ code: 'custom', message: `{value} ${resolved.fault}` });
      })
      .exactOptional()
      .describe(
        'Another host than those of the regions: any https URL without path or query, or http on loopback. ' +
          'Instead of `region`.',
      ),
    apiKey: z
      .string()
      .regex(/^[\x21-\x7e]+$/, { error: 'holds a blank or a character that no API key has; write the bare key' })
      .describe('The API key of the Amplitude project. Keep it in the environment, never in the file.')
      .meta({ examples: ['${AMPLITUDE_API_KEY}'] }),
    api: z
      .enum(['httpapi', 'batch'])
      .default('httpapi')
      .describe(
        'Which of Amplitude’s ways in is used: `httpapi` (HTTP V2: seconds until an event shows, 30 events a second of a ' +
          'user) or `batch` (Batch Event Upload: 1,000 events a second of a user, for what may take its time).',
      )
      .meta({ examples: ['httpapi'] }),
    names: z
      .enum(nameStyles)
      .default('appboy')
      .describe(
        'How events are named: `appboy` as Braze’s own integration documents it (`[Appboy] Email Open`, ' +
          '`[Appboy] [Custom Event] Visit`), `plain` by the labels of Braze’s glossary (`Email Open`), or `raw` as ' +
          'Braze sends them (`users.messages.email.Open`).',
      )
      .meta({ examples: ['appboy'] }),
    minIdLength: z
      .int()
      .min(1)
      .exactOptional()
      .describe('The length from which Amplitude takes a user or device id; 5 by its own default.')
      .meta({ examples: [1] }),
  })
  .superRefine(({ region, endpoint }, context) => {
    if (region !== undefined && endpoint !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['region'],
        message: 'says one host and endpoint another; leave one of them out',
      });
  });

/** An Amplitude project, ready to be sent to. */
export interface AmplitudeConfig {
  /** Scheme, host and port, without a slash at the end. */
  readonly endpoint: string;
  /** A secret. */
  readonly apiKey: string;
  readonly api: keyof typeof paths;
  readonly names: NameStyle;
  readonly minIdLength?: number;
}

/** The project that a checked `destination` describes. */
export function resolveAmplitude(destination: z.infer<typeof amplitudeDestination>): AmplitudeConfig {
  const { region = 'us', endpoint, apiKey, api, names, minIdLength } = destination;
  const resolved = endpoint === undefined ? { origin: origins[region] } : resolve(endpoint);
  if ('fault' in resolved) throw new RangeError(`the endpoint ${resolved.fault}`);
  return { endpoint: resolved.origin, apiKey, api, names, ...(minIdLength !== undefined && { minIdLength }) };
}

function resolve(endpoint: string): ReturnType<typeof originOf> {
  const url = URL.parse(endpoint);
  if (url !== null && /^https?:\/\//i.test(endpoint)) return originOf(url);
  return { fault: 'is no URL; write https://<host>, or leave it out and write region: us or region: eu' };
}
