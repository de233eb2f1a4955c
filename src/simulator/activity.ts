/** The events and purchases that were accepted, as the simulator remembers them. */
import type { EventObject } from './events.ts';
import type { Profile } from './profiles.ts';
import type { PurchaseObject } from './purchases.ts';
import { Recent } from './recent.ts';

interface Kept {
  /** Its own, even among equal ones: Braze does not de-duplicate. */
  readonly id: string;
  /** As the request named the user, such as `external_id:u1`. */
  readonly user: string;
  /** The index of the request, and of the object in its array. */
  readonly request: number;
  readonly index: number;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
}

export interface KeptEvent extends Kept, Omit<EventObject, 'kind' | 'target'> {}

export interface KeptPurchase extends Kept, Omit<PurchaseObject, 'kind' | 'target'> {}

/** Something accepted, and the profile that it was applied to, once it was. */
export interface Entry<T> {
  readonly item: T;
  profile: Profile | undefined;
}

/** The newest things of a kind that were accepted. */
export class ActivityLog<T> {
  readonly #recent: Recent<Entry<T>>;
  #applied = new WeakMap<Profile, T[]>();

  constructor(capacity: number) {
    this.#recent = new Recent(capacity);
  }

  accept(item: T): Entry<T> {
    const entry: Entry<T> = { item, profile: undefined };
    const dropped = this.#recent.push(entry);
    if (dropped?.profile !== undefined) this.#forget(dropped.item, dropped.profile);
    return entry;
  }

  apply(entry: Entry<T>, profile: Profile): void {
    entry.profile = profile;
    const applied = this.#applied.get(profile);
    if (applied === undefined) this.#applied.set(profile, [entry.item]);
    else applied.push(entry.item);
  }

  /** In the order in which they were accepted. */
  accepted(): T[] {
    return this.#recent.toArray().map(({ item }) => item);
  }

  /** In the order in which they were applied. */
  appliedTo(profile: Profile): T[] {
    return [...(this.#applied.get(profile) ?? [])];
  }

  clear(): void {
    this.#recent.clear();
    this.#applied = new WeakMap();
  }

  /** The oldest is near the front of its profile's list. */
  #forget(item: T, profile: Profile): void {
    const applied = this.#applied.get(profile);
    applied?.splice(applied.indexOf(item), 1);
  }
}
