import { z } from 'zod';

const share = z.number().min(0).max(1);

const optionsSchema = z.strictObject({
  seed: z.int().default(1).describe('Another seed gives other events.'),
  users: z.int().min(1).max(10_000_000).default(10_000).describe('How many users are active at a time.'),
  zipfExponent: z
    .number()
    .min(0)
    .max(10)
    .default(1.1)
    .describe('How uneven the users are. 0: all alike. 1.1: the busiest of 10,000 makes about 15 % of all events.'),
  hotUserShare: share.optional().describe('The share of events of the busiest user; the rest keep to the exponent.'),
  anonymousShare: share
    .default(0.2)
    .describe('The share of users who come anonymously, and may sign up. The busiest one does only at 1.'),
  identifyShare: share
    .default(0.05)
    .describe('The share of `$identify` events. An export holds none: a change shows in the next snapshot.'),
  changeShare: share.default(0.05).describe('The share of events that change a user property, besides sign-ups.'),
  tailShare: share.default(0.01).describe('The share of events of 4 to 8 KB.'),
  shape: z.enum(['http', 'export', 'mixed']).default('http').describe('The form of the events of a message.'),
  start: z
    .int()
    .min(0)
    .max(Date.UTC(9000, 0))
    .default(Date.UTC(2026, 0, 5, 9))
    .describe('When the first event happens, in milliseconds since 1970.'),
  rate: z.number().positive().default(1000).describe('How many events happen in a second of their own time.'),
  eventsPerMessage: z.int().min(1).max(2000).default(1).describe('How many events a message holds.'),
  numbered: z
    .boolean()
    .default(false)
    .describe('Whether `event_properties.seq` says which event of its user it is, from 1.'),
});

/** What to generate; see the schema for the meaning of each option. The same options give the same events. */
export type GeneratorOptions = z.input<typeof optionsSchema>;

/** The options with their defaults. */
export type GeneratorSettings = Readonly<z.output<typeof optionsSchema>>;

/** Fills in the defaults. Throws a RangeError that names each option that is out of its range. */
export function settingsOf(options: GeneratorOptions): GeneratorSettings {
  const { success, data, error } = optionsSchema.safeParse(options);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RangeError(`The generator's options are wrong. ${problems.join('; ')}`);
}
