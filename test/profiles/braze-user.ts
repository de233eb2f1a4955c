import type { AmplitudeEvent } from '../../src/core/event.ts';
import type { Attributes } from '../../src/profiles/changes.ts';
import type { Position } from '../../src/profiles/position.ts';
import { selection, type Selection, type SelectionOptions } from '../../src/profiles/selection.ts';
import type { State } from '../../src/profiles/state.ts';
import { step, type Step } from '../../src/profiles/step.ts';
import { frozen } from './frozen.ts';

/** A selection of these properties, with what a rule has by default. */
export function selecting(properties: readonly string[], options: Partial<SelectionOptions> = {}): Selection {
  return selection({ properties, content: 'changed', createUsers: true, ...options });
}

/** The place of the only event of a message. */
export function at(sequence: number, index = 0, settledThrough = 0): Position {
  return { stream: 1, sequence, index, settledThrough };
}

/** Steps through events, each a message of its own, and keeps what Braze would have been sent. */
export function follow(selection: Selection, events: readonly AmplitudeEvent[]): readonly Step[] {
  let state: State | undefined;
  return events.map((event, index) => {
    const result = step(frozen(state), frozen(event), at(index + 1), selection);
    state = result.state;
    return result;
  });
}

/** What each of the events makes Sluice send. */
export function sentFor(selection: Selection, events: readonly AmplitudeEvent[]): readonly (Attributes | undefined)[] {
  return follow(selection, events).map(({ attributes }) => attributes);
}

/** A `$identify` event. */
export function identify(userProperties: Record<string, unknown>): AmplitudeEvent {
  return { event_type: '$identify', user_id: 'u', time: 1, user_properties: userProperties };
}

/** An ordinary event of the HTTP API. */
export function event(userProperties?: Record<string, unknown>, fields: Record<string, unknown> = {}): AmplitudeEvent {
  return { event_type: 'Page Viewed', user_id: 'u', time: 1, user_properties: userProperties, ...fields };
}

/** An exported event. */
export function exported(
  userProperties: Record<string, unknown>,
  fields: Record<string, unknown> = {},
): AmplitudeEvent {
  const event_time = '2026-01-31 09:00:00.000000';
  return { event_type: 'Page Viewed', user_id: 'u', event_time, user_properties: userProperties, ...fields };
}
