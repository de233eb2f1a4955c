import type { AmplitudeEvent } from '../core/event.ts';
import { bounded, Unbounded } from './bounded.ts';
import { builtInValue } from './built-ins.ts';
import { type Attributes, changesOf } from './changes.ts';
import { sameValue } from './equality.ts';
import { type PropertyUpdate, valueAfter } from './operations.ts';
import { contains, including, isDone, isLate, isOvertaken, type Position } from './position.ts';
import { namedIn } from './relevance.ts';
import type { Report } from './reports.ts';
import type { Selection, Slot } from './selection.ts';
import type { State } from './state.ts';
import { updateOf } from './update.ts';

/** What an event means for its user. */
export interface Step {
  readonly kind: StepKind;
  /** The user's state after the event; the very one before it if there is nothing to write. */
  readonly state: State | undefined;
  /** What is to be sent to Braze; undefined if nothing is. Empty for a user who is sent by the identifier alone. */
  readonly attributes: Attributes | undefined;
  /** The identifier after the event, where a user property holds it. */
  readonly identifier: string | undefined;
  readonly reports: readonly Report[];
}

export type StepKind =
  /** There are attributes to send. */
  | 'update'
  /** Braze would see no change. */
  | 'unchanged'
  /** The event says nothing about a user. */
  | 'no_update'
  /** The state contains the event already. */
  | 'repeated'
  /** Something changed, and the user property that holds the identifier has no value: all is sent once it has one. */
  | 'unidentified';

/**
 * Applies an event to its user's state. Pure: it changes none of its arguments, and gives the same answer for the same
 * ones.
 *
 * What the caller owes, so that nothing is lost and nothing is applied twice:
 *
 * 1. The events of a user are stepped one after the other, each with the state that the one before it gave.
 * 2. A state is written after Braze accepted the attributes of its own step and of all steps that led to it.
 * 3. An event is acked after the state of its step is written, or a later one. A step that gives back the state that it
 *    was given needs no write.
 *
 * So whatever is read after a crash, Braze has. An event that comes again and is not contained in the state that was
 * read gives the same attributes once more: it was sent, perhaps, but not written. One that is contained changes and
 * sends nothing, but for what `withUnsent` says Braze does not have.
 *
 * An event that comes late, after newer ones, is applied where it comes; only a snapshot is not, since the newer one
 * said all. One that comes again after newer ones is not applied: it had its turn, and its `$set` could take a user
 * back. A replayed event that comes late changes nothing: what the user has now of the properties that it names is sent
 * again, which mends what Braze refused and can never take a user back.
 */
export function step(state: State | undefined, event: AmplitudeEvent, position: Position, selection: Selection): Step {
  if (state !== undefined && position.replayed === true && isLate(state.applied, position)) {
    return resent(state, event, position, selection);
  }
  // One that comes for the first time is in no state, unless its consumer was made anew: that is asked only of those
  // that change something, since most change nothing.
  if (state !== undefined && position.redelivered !== false && isDone(state.applied, position)) {
    return again(state, selection);
  }
  const reports: Report[] = [];
  const update = updateOf(event, reports);
  if (update === undefined) return still('no_update', state, selection, reports);
  if (update.snapshot && state !== undefined && isOvertaken(state.applied, position)) {
    return still('unchanged', state, selection, reports);
  }

  const before = state?.values ?? selection.blank;
  const values = valuesAfter(before, event, update, selection, reports);
  const isFirstSight = state === undefined && selection.sendsBareUsers;
  if (values === before && !isFirstSight) return still('unchanged', state, selection, reports);
  if (state !== undefined && isDone(state.applied, position)) return again(state, selection);

  const applied = including(state?.applied, position);
  const unsent = state?.unsent ?? [];
  const identifier = identifierOf(values, selection);
  if (selection.identifier !== undefined && identifier === undefined) {
    return { kind: 'unidentified', state: { values, applied, unsent }, attributes: undefined, identifier, reports };
  }
  // To Braze another identifier is another user, of whom it has nothing.
  const isKnown = state !== undefined && identifierOf(before, selection) === identifier;
  const attributes = changesOf(selection, isKnown ? before : undefined, values, isKnown ? unsent : [], reports);
  const next = { values, applied, unsent: attributes === undefined && isKnown ? unsent : [] };
  return { kind: attributes === undefined ? 'unchanged' : 'update', state: next, attributes, identifier, reports };
}

function still(
  kind: 'unchanged' | 'no_update' | 'repeated',
  state: State | undefined,
  selection: Selection,
  reports: readonly Report[],
): Step {
  const identifier = state === undefined ? undefined : identifierOf(state.values, selection);
  return { kind, state, attributes: undefined, identifier, reports };
}

function again(state: State, selection: Selection): Step {
  const { values, unsent } = state;
  const identifier = identifierOf(values, selection);
  const reports: Report[] = [];
  const isAddressed = selection.identifier === undefined || identifier !== undefined;
  const attributes =
    unsent.length > 0 && isAddressed ? changesOf(selection, values, values, unsent, reports) : undefined;
  if (attributes === undefined) return still('repeated', state, selection, reports);
  return { kind: 'update', state: { ...state, unsent: [] }, attributes, identifier, reports };
}

function resent(state: State, event: AmplitudeEvent, position: Position, selection: Selection): Step {
  const reports: Report[] = [];
  const update = updateOf(event);
  if (update === undefined) return still('no_update', state, selection, reports);
  const { values } = state;
  const named = namedIn(event, update, selection);
  if (!contains(state.applied, position)) for (const property of named) reports.push({ property, why: 'overtaken' });
  const identifier = identifierOf(values, selection);
  const attributes = selection.sendsBareUsers
    ? {}
    : changesOf(selection, values, values, [...state.unsent, ...named], reports);
  if (attributes === undefined) return still('repeated', state, selection, reports);
  if (selection.identifier !== undefined && identifier === undefined) {
    return { kind: 'unidentified', state: { ...state }, attributes: undefined, identifier, reports };
  }
  return { kind: 'update', state: { ...state, unsent: [] }, attributes, identifier, reports };
}

/** The values after an update; the very list that was given if none differs. */
function valuesAfter(
  before: readonly unknown[],
  event: AmplitudeEvent,
  update: PropertyUpdate,
  { slots }: Selection,
  reports: Report[],
): readonly unknown[] {
  let after: unknown[] | undefined;
  const { operations, properties, snapshot } = update;
  // Most events repeat what is known in plain keys. JSON holds nothing that an object inherits, so one look tells.
  const plain = operations.length === 0 && !snapshot ? properties : undefined;
  // An iterator with entries would be most of what an event costs that says nothing new.
  for (let index = 0; index < slots.length; index++) {
    const { name, fields } = slots[index] as Slot;
    const current = before[index];
    if (plain !== undefined && fields === undefined && plain[name] === current) continue;
    const said =
      fields === undefined ? valueAfter(update, name, current, reports) : (builtInValue(event, fields) ?? current);
    if (sameValue(said, current)) continue;
    const value = bounded(said);
    if (value instanceof Unbounded) {
      reports.push({ property: name, why: value.why });
    } else if (!sameValue(value, current)) {
      after ??= before.slice();
      after[index] = value;
    }
  }
  return after ?? before;
}

function identifierOf(values: readonly unknown[], { identifier }: Selection): string | undefined {
  return identifier?.read(values[identifier.slot]);
}
