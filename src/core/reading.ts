import { type AmplitudeEvent, cameFromBraze, eventNameOf, timeOf } from './event.ts';

/** A field of an event by its name, or one of the fields of the object in it. */
export type FieldPath = readonly [field: string, below?: string];

/** How the events of a stream are read for a destination: Amplitude's for Braze, those of Braze for Amplitude. */
export interface Reading {
  /** Where the identifier stands, for the one who looks for it. */
  readonly identifiedBy: string;
  /** Whose event it is; undefined if it does not say. */
  readonly identifierOf: (event: AmplitudeEvent) => string | undefined;
  /** By what name the destination gets the event. */
  readonly nameOf: (event: AmplitudeEvent) => string;
  /** ISO 8601 in UTC, with milliseconds. `storedAt` is when the stream stored it, in milliseconds since 1970. */
  readonly timeOf: (event: AmplitudeEvent, storedAt: number) => string;
  /** All properties, by the names that the destination gets them by: what `*` selects. */
  readonly propertiesOf: (event: AmplitudeEvent) => Readonly<Record<string, unknown>>;
  /** What the destination keeps of the event outside of its properties, as fields of its own. */
  readonly fieldsOf?: (event: AmplitudeEvent) => Readonly<Record<string, unknown>>;
  /** Whether the destination had the event before: to send it would begin a loop. */
  readonly isEcho: (event: AmplitudeEvent) => boolean;
  /** What these look at; absent if that can be all of an event. */
  readonly reads?: readonly FieldPath[];
}

/** Amplitude's events as everybody but Amplitude gets them. Whose an event is, the mapping of each sync says. */
export const amplitudeReading = {
  nameOf: (event) => eventNameOf(event) ?? '',
  timeOf,
  // Nothing is sent to Braze that is not named.
  propertiesOf: () => ({}),
  isEcho: cameFromBraze,
  reads: [['event_type'], ['event_time'], ['time'], ['library']],
} as const satisfies Omit<Reading, 'identifiedBy' | 'identifierOf'>;
