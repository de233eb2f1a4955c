import type { Entry, UpdateEntry } from '../../core/entry.ts';
import { withAttributes } from './request.ts';

/** A body of `/users/track`. */
export interface TrackBody {
  readonly body: string;
  /** How many objects its arrays hold. */
  readonly objects: number;
}

/**
 * The body of a request: each entry as it was serialised, in order. Several updates of one user become one object, in
 * which the newest value of each attribute counts: Braze does not say in which order it applies the objects of an array.
 */
export function trackBody(entries: readonly Entry[]): TrackBody {
  let events = '';
  let objects = 0;
  const updates = new Map<string, UpdateEntry[]>();
  for (const entry of entries) {
    if (entry.kind === 'event') {
      events += objects++ === 0 ? entry.json : `,${entry.json}`;
      continue;
    }
    const ofUser = updates.get(entry.user);
    if (ofUser === undefined) updates.set(entry.user, [entry]);
    else ofUser.push(entry);
  }
  if (updates.size === 0) return { body: objects === 0 ? '{}' : `{"events":[${events}]}`, objects };
  const attributes = `"attributes":[${[...updates.values()].map(merged).join(',')}]`;
  return {
    body: objects === 0 ? `{${attributes}}` : `{${attributes},"events":[${events}]}`,
    objects: objects + updates.size,
  };
}

/** How many attributes of users the body holds that `trackBody` makes of these entries. */
export function attributesIn(entries: readonly Entry[]): number {
  const names = new Map<string, Set<string>>();
  for (const entry of entries) {
    if (entry.kind === 'event') continue;
    const ofUser = names.get(entry.user) ?? new Set();
    for (const name of Object.keys(entry.attributes)) ofUser.add(name);
    names.set(entry.user, ofUser);
  }
  return [...names.values()].reduce((sum, { size }) => sum + size, 0);
}

/** One object for the updates of one user. */
function merged(updates: readonly UpdateEntry[]): string {
  const [first, ...others] = updates;
  if (first === undefined || others.length === 0) return first?.json ?? '';
  const attributes = Object.fromEntries(updates.flatMap((update) => Object.entries(update.attributes)));
  return withAttributes(first.head, attributes);
}

/** By array and place in it: the entries that the object stands for, by their place in the request. */
export type Places = Readonly<Record<'attributes' | 'events', readonly (readonly number[])[]>>;

/** Where the entries stand in the body that `trackBody` makes of them: asked only of a request with refused objects. */
export function placesOf(entries: readonly Entry[]): Places {
  const events: number[][] = [];
  const attributes = new Map<string, number[]>();
  for (const [place, { kind, user }] of entries.entries()) {
    if (kind === 'event') events.push([place]);
    else attributes.set(user, [...(attributes.get(user) ?? []), place]);
  }
  return { attributes: [...attributes.values()], events };
}
