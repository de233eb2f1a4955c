import { noTypeToken, typeToken } from '../core/subject.ts';
import type { Sync } from './sync.ts';
import { needsUserStates } from './user-states.ts';

/** What stands for the event type in `source.subjects`. */
export const typePlaceholder = '{type}';

/** What a sync asks the stream for. */
export interface Subjects {
  /** All that it may need. */
  readonly all: string;
  /**
   * The same without the types that the sync does not select: absent if the subjects do not tell the type, or if the
   * sync needs every event. For a server that takes several subjects.
   */
  readonly selected?: readonly string[];
  /** Why the types are not told apart, though the subjects tell them. */
  readonly because?: string;
}

/**
 * What `source.subjects` becomes. Where `{type}` says that a token is the event type, a sync that needs no other events
 * asks for those of its types alone, and for messages that hold events of several types.
 */
export function subjectsOf(sync: Sync): Subjects {
  const { subjects } = sync.source;
  const all = subjects.replace(typePlaceholder, '*');
  if (all === subjects) return { all };
  const because = whyAll(sync);
  if (because !== undefined) return { all, because };
  const tokens = new Set([...sync.events.select.map(({ event }) => typeToken(event)), noTypeToken]);
  return { all, selected: [...tokens].map((token) => subjects.replace(typePlaceholder, () => token)) };
}

function whyAll(sync: Sync): string | undefined {
  if (needsUserStates(sync)) return 'what is known of users is learned from every event';
  if (!sync.events.send) return 'no events are sent';
  if (sync.events.select.some(({ event }) => event === '*')) return 'all events are selected';
  return undefined;
}
