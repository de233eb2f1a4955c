import type { Entry } from '../core/entry.ts';
import type { Envelope } from '../core/message.ts';

export interface RequestLimits {
  /** A full request holds so many entries. */
  readonly maxEntries: number;
  /** The entries of a request are no longer than this together, but for one that is longer by itself. */
  readonly maxBytes: number;
}

/** A request that is being filled. */
export class RequestInMaking {
  readonly entries: Envelope<Entry>[] = [];
  readonly #limits: RequestLimits;
  #bytes = 0;
  #full = false;
  /** Whether it holds an entry that shall not wait for others. */
  due = false;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  get full(): boolean {
    return this.#full;
  }

  /** Puts an entry into the request; false if the request is full without it. */
  put(entry: Envelope<Entry>, due: boolean): boolean {
    const { maxEntries, maxBytes } = this.#limits;
    // A comma stands between two entries.
    const bytes = this.#bytes + entry.value.bytes + 1;
    if (this.#full || (this.entries.length > 0 && bytes > maxBytes)) {
      this.#full = true;
      return false;
    }
    this.entries.push(entry);
    this.#bytes = bytes;
    this.due ||= due;
    this.#full = this.entries.length >= maxEntries;
    return true;
  }

  /**
   * Whether an update would pass an older event of its user: the destination applies the updates of a request before
   * its events (braze.com/docs/api/endpoints/user_data/post_user_track).
   */
  wouldOvertake({ value }: Envelope<Entry>): boolean {
    if (value.kind !== 'update') return false;
    return this.entries.some((entry) => entry.value.kind === 'event' && entry.value.user === value.user);
  }
}
