import type { AmplitudeEvent } from '../core/event.ts';
import { builtInValue } from './built-ins.ts';
import type { PropertyUpdate } from './operations.ts';
import type { Selection, Slot } from './selection.ts';
import { updateOf } from './update.ts';

/**
 * Whether the state of an event's user is needed to tell what the event changes. If it is not, `step` changes nothing
 * and sends nothing, whatever the state is: most events of an SDK say nothing about their users.
 */
export function isRelevant(event: AmplitudeEvent, { slots, sendsBareUsers }: Selection): boolean {
  const update = updateOf(event);
  if (update === undefined) return false;
  if (sendsBareUsers) return true;
  for (const slot of slots) if (mentions(event, update, slot)) return true;
  return false;
}

/** The selected properties that an event says something about. */
export function namedIn(event: AmplitudeEvent, update: PropertyUpdate, { slots, sent }: Selection): readonly string[] {
  const isNamed = (slot: number | undefined): boolean => {
    const found = slot === undefined ? undefined : slots[slot];
    return found !== undefined && mentions(event, update, found);
  };
  return sent.filter(({ own, builtIn }) => isNamed(own) || isNamed(builtIn)).map(({ name }) => name);
}

function mentions(event: AmplitudeEvent, update: PropertyUpdate, { name, fields }: Slot): boolean {
  if (fields !== undefined) return builtInValue(event, fields) !== undefined;
  const { operations, properties, snapshot } = update;
  if (properties === undefined) return false;
  if (snapshot || Object.hasOwn(properties, name)) return true;
  return operations.some(({ operands }) => operands === undefined || Object.hasOwn(operands, name));
}
