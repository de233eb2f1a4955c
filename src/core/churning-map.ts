/**
 * A `Map` for entries that come and go by the thousand a second.
 *
 * A plain one is rehashed into a new table now and then, and V8 lets the old table point to the new one, for iterators
 * that are under way. Once one of them is in the old generation, all that follow stay, with every key and value that
 * they ever held, until that generation is collected: garbage that should have died young is copied and fills the heap.
 * A map that is made anew from time to time, before it is old, has no such tail.
 */
export class ChurningMap<K, V> {
  #map = new Map<K, V>();
  #additions = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (++this.#additions > additionsOfOneLife) this.#renew();
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map = new Map();
    this.#additions = 0;
  }

  /** Oldest first. Not for a loop that adds entries. */
  values(): IterableIterator<V> {
    return this.#map.values();
  }

  #renew(): void {
    this.#map = new Map(this.#map);
    // Where there are many entries, copying them must stay a small part of the work.
    this.#additions = -3 * this.#map.size;
  }
}

/** Few enough that a map is left before it is old, which takes two collections of the young generation. */
const additionsOfOneLife = 4_096;
