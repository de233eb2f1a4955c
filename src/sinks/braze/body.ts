import type { Entry, UpdateEntry } from '../../core/entry.ts';
import { withAttributes } from './request.ts';

/** A body of `/users/track`, and which entries each object of its arrays stands for. */
export interface TrackBody {
  readonly body: string;
  readonly places: Places;
}

/** By array and place in it: the entries, by their place in the request. */
export type Places = Readonly<Record<'attributes' | 'events', readonly (readonly number[])[]>>;

/**
 * The body of a request: each entry as it was serialised, in order. Several updates of one user become one object, in
 * which the newest value of each attribute counts: Braze does not say in which order it applies the objects of an array.
 */
export function trackBody(entries: readonly Entry[]): TrackBody {
  const attributes: number[][] = [];
  const events: number[][] = [];
  const objectOf = new Map<string, number>();
  for (const [place, entry] of entries.entries()) {
    if (entry.kind === 'event') {
      events.push([place]);
      continue;
    }
    const object = objectOf.get(entry.user);
    if (object === undefined) objectOf.set(entry.user, attributes.push([place]) - 1);
    else attributes[object]?.push(place);
  }
  const updates = attributes.map((places) => merged(places.map((place) => entries[place] as UpdateEntry)));
  const written = entries.filter(({ kind }) => kind === 'event').map(({ json }) => json);
  const arrays = [
    ...(updates.length === 0 ? [] : [`"attributes":[${updates.join(',')}]`]),
    ...(written.length === 0 ? [] : [`"events":[${written.join(',')}]`]),
  ];
  return { body: `{${arrays.join(',')}}`, places: { attributes, events } };
}

/** One object for the updates of one user. */
function merged(updates: readonly UpdateEntry[]): string {
  const [first, ...others] = updates;
  if (first === undefined || others.length === 0) return first?.json ?? '';
  const attributes = Object.fromEntries(updates.flatMap((update) => Object.entries(update.attributes)));
  return withAttributes(first.head, attributes);
}
