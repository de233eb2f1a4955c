import type { Draft } from '../core/entry.ts';
import { type AmplitudeEvent, ownValue } from '../core/event.ts';
import type { Envelope } from '../core/message.ts';
import { amplitudeReading, type FieldPath, type Reading } from '../core/reading.ts';
import type { CompiledExpression } from '../jsonata/index.ts';
import type { Identified } from './identify.ts';
import { type InOrder, mapInOrder } from './map-in-order.ts';

/** One property of the events that are sent, and the name it is sent by; or `*` for all, by names of the reading. */
export type PropertySelection =
  | '*'
  | { readonly from: string; readonly as: string }
  | { readonly expr: CompiledExpression; readonly as: string };

/**
 * Picks what is sent of an event: its name, its time, and the selected properties that have a value, with their JSON
 * types. Nothing is sent that is not named, unless `*` names all.
 *
 * Null, empty text, empty lists and empty objects are no values, as in Amplitude's own template. A computed property
 * that fails is left out, and `onLeftOut` is told its error code; the rest of the event is sent.
 */
export function project(
  selection: readonly PropertySelection[],
  onLeftOut: (code: string) => void,
  { nameOf, timeOf, propertiesOf, fieldsOf }: ReadingOfDrafts = amplitudeReading,
): InOrder<Envelope<Identified>, Envelope<Draft>> {
  const named = selection.filter((property) => property !== '*');
  const all = named.length < selection.length ? propertiesOf : undefined;
  const pick = picker(
    named.filter((property) => 'from' in property),
    all,
  );
  const computed = named.filter((property) => 'expr' in property);
  return mapInOrder((envelope) => {
    const { event, identifier } = envelope.value;
    const properties = pick(event);
    const plain: Draft = {
      identifier,
      name: nameOf(event),
      time: timeOf(event, envelope.message.storedAt),
      properties,
    };
    const draft = fieldsOf === undefined ? plain : { ...plain, fields: fieldsOf(event) };
    const late = compute(computed, 0, event, identifier, properties, onLeftOut);
    return late === undefined ? envelope.with(draft) : late.then(() => envelope.with(draft));
  });
}

type ReadingOfDrafts = Pick<Reading, 'nameOf' | 'timeOf' | 'propertiesOf' | 'fieldsOf'>;
type Properties = Record<string, unknown>;

function picker(
  selection: readonly { readonly from: string; readonly as: string }[],
  all: ((event: AmplitudeEvent) => Readonly<Properties>) | undefined,
): (event: AmplitudeEvent) => Properties {
  const reads = selection.map(({ from, as }) => ({ read: reader(from), as }));
  return (event) => {
    const properties: Properties = {};
    if (all !== undefined) for (const [name, value] of Object.entries(all(event))) put(properties, name, value);
    for (const { read, as } of reads) put(properties, as, read(event));
    return properties;
  };
}

/** Reads `event_properties.<name>` and the like, or a top-level field. A name may itself hold dots. */
function reader(reference: string): (event: AmplitudeEvent) => unknown {
  const dot = reference.indexOf('.');
  if (dot === -1) return (event) => ownValue(event, reference);
  const container = reference.slice(0, dot);
  const name = reference.slice(dot + 1);
  const path = name.split('.');
  return (event) => {
    const properties = event[container];
    const value = ownValue(properties, name);
    if (value !== undefined || path.length === 1) return value;
    return path.reduce(ownValue, properties);
  };
}

/** What is looked at in an event for the property of this reference. */
export function referenceReads(reference: string): readonly FieldPath[] {
  const dot = reference.indexOf('.');
  if (dot === -1) return [[reference]];
  const container = reference.slice(0, dot);
  const name = reference.slice(dot + 1);
  const [outermost = name] = name.split('.', 1);
  return [name, outermost].map((below) => [container, below]);
}

/** Adds the computed properties from `index` on; a promise only if an expression gives one. */
function compute(
  selection: readonly { readonly expr: CompiledExpression; readonly as: string }[],
  index: number,
  event: AmplitudeEvent,
  identifier: string,
  properties: Properties,
  onLeftOut: (code: string) => void,
): Promise<void> | undefined {
  for (let next = index; next < selection.length; next++) {
    const { expr, as } = selection[next] as (typeof selection)[number];
    try {
      const value = expr.evaluate(event, { identifier });
      if (value instanceof Promise) {
        const position = next + 1;
        return value
          .then((late: unknown) => put(properties, as, late))
          .catch((error: unknown) => onLeftOut(codeOf(error)))
          .then(() => compute(selection, position, event, identifier, properties, onLeftOut));
      }
      put(properties, as, value);
    } catch (error) {
      onLeftOut(codeOf(error));
    }
  }
  return undefined;
}

function put(properties: Properties, name: string, value: unknown): void {
  if (!hasValue(value)) return;
  if (name === '__proto__') Object.defineProperty(properties, name, { value, enumerable: true });
  else properties[name] = value;
}

function hasValue(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || typeof value === 'function') return false;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object') return true;
  for (const key in value) if (Object.hasOwn(value, key)) return true;
  return false;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'D1000';
}
