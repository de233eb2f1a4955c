import { type AmplitudeEvent, ownValue } from '../core/event.ts';
import { discarded, type Envelope } from '../core/message.ts';
import type { FieldPath } from '../core/reading.ts';
import { type InOrder, mapInOrder } from './map-in-order.ts';

/** Answers the identifier of an event's user, undefined if the event has none. */
export type IdentifierOf = (event: AmplitudeEvent) => string | undefined;

/** An event whose user is known. */
export interface Identified {
  readonly event: AmplitudeEvent;
  readonly identifier: string;
}

/**
 * Reads the mapped property: `user_id`, `device_id`, `amplitude_id` or `user_properties.<name>`.
 *
 * Text with a character that is not blank counts, and a finite number as its text. Null, the word `(none)`, with
 * which Amplitude writes null, booleans, lists and objects do not. There is no fall-back to another property.
 *
 * @param trim whether blanks around the value are dropped, as for e-mail addresses
 */
export function identifierOf(property: string, { trim }: { readonly trim: boolean }): IdentifierOf {
  const read = reader(property);
  return (event) => {
    const value = read(event);
    if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
    if (typeof value !== 'string') return undefined;
    const trimmed = value.trim();
    if (trimmed === '' || trimmed === '(none)') return undefined;
    return trim ? trimmed : value;
  };
}

/** Adds the identifier to each event. An event without one is discarded: the destination could not tell whose it is. */
export function identify(
  property: string,
  identifierOf: IdentifierOf,
): InOrder<Envelope<AmplitudeEvent>, Envelope<Identified>> {
  return mapInOrder((envelope) => {
    const identifier = identifierOf(envelope.value);
    if (identifier !== undefined) return envelope.with({ event: envelope.value, identifier });
    envelope.settle(discarded('unresolved_identifier', `${property} has no value`));
    return undefined;
  });
}

/** What `identifierOf` looks at in an event. */
export function identifierReads(property: string): readonly FieldPath[] {
  if (!property.startsWith(userProperties)) return [[property]];
  const name = property.slice(userProperties.length);
  return [name, '$set', '$setOnce'].map((below) => ['user_properties', below]);
}

const userProperties = 'user_properties.';

function reader(property: string): (event: AmplitudeEvent) => unknown {
  if (!property.startsWith(userProperties)) return (event) => event[property];
  const name = property.slice(userProperties.length);
  return (event) => {
    const properties = event['user_properties'];
    // Plain keys are applied after operations, so they win: amplitude.com/docs/apis/analytics/identify.
    return (
      ownValue(properties, name) ??
      ownValue(ownValue(properties, '$set'), name) ??
      ownValue(ownValue(properties, '$setOnce'), name)
    );
  };
}
