import { ChurningMap } from '../core/churning-map.ts';
import type { Entry } from '../core/entry.ts';
import type { Envelope } from '../core/message.ts';

export interface PackOptions {
  /** `user`: the entries of a user never pass each other. `none`: any order, and fuller requests. */
  readonly order: 'user' | 'none';
  /** A full request holds so many entries. */
  readonly maxEntries: number;
  /** The entries of a request are no longer than this together, but for one that is longer by itself. */
  readonly maxBytes: number;
}

type Waiting = Envelope<Entry>;

/** What waits behind a request that holds the same user, oldest first; all of it is older than the queue. */
interface Lane {
  readonly user: string;
  entries: Waiting[];
  /** How many of the entries, from the first on, are due. */
  due: number;
  /** Whether the request was answered and the lane stands in line for the next one. */
  freed: boolean;
}

/**
 * Packs entries into requests so that no two requests under way hold the same user.
 *
 * Entries are taken in the order in which they came. Those of a user who is in a request go into the user's lane
 * instead; once the request is answered the lane goes into the next request, before what came later. So nobody
 * waits for another user, and each entry is looked at twice at most.
 */
export class Packer {
  readonly #options: PackOptions;
  /** What nobody has looked at: from `#next` on. */
  #queue: Waiting[] = [];
  #next = 0;
  /** Entries of the queue before this place are due. */
  #dueBefore = 0;
  /** By user who is in a request, or has entries left over from one; null while nothing waits. */
  readonly #lanes = new ChurningMap<string, Lane | null>();
  #freed: Lane[] = [];
  #forming: Waiting[] = [];
  #bytes = 0;
  #full = false;
  #formingDue = false;

  constructor(options: PackOptions) {
    this.#options = options;
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    if (this.#forming.length > 0 || this.#next < this.#queue.length) return false;
    for (const lane of this.#lanes.values()) if (lane !== null) return false;
    return true;
  }

  add(entries: readonly Waiting[]): void {
    for (const entry of entries) this.#queue.push(entry);
  }

  /** Nothing that came so far shall wait for others to fill its request. */
  makeDue(): void {
    this.#dueBefore = this.#queue.length;
    this.#formingDue = this.#forming.length > 0;
    for (const lane of this.#lanes.values()) if (lane !== null) lane.due = lane.entries.length;
  }

  /** The next request if it is full, or holds an entry that is due, or if it shall go `anyway`. */
  take(anyway: boolean): readonly Waiting[] | undefined {
    this.#fill();
    const request = this.#forming;
    if (request.length === 0 || !(this.#full || this.#formingDue || anyway)) return undefined;
    this.#forming = [];
    this.#bytes = 0;
    this.#full = false;
    this.#formingDue = false;
    if (this.#options.order === 'user') {
      for (const { value } of request) if (!this.#lanes.has(value.user)) this.#lanes.set(value.user, null);
    }
    return request;
  }

  /** The request was answered: its users are free for the next one. */
  answered(request: readonly Waiting[]): void {
    for (const { value } of request) {
      const lane = this.#lanes.get(value.user);
      if (lane === null) this.#lanes.delete(value.user);
      else if (lane !== undefined && !lane.freed) {
        lane.freed = true;
        this.#freed.push(lane);
      }
    }
  }

  /** Empties the packer; answers all that waits. */
  drain(): readonly Waiting[] {
    const lanes = [...this.#lanes.values()].flatMap((lane) => lane?.entries ?? []);
    const waiting = [...this.#forming, ...lanes, ...this.#queue.slice(this.#next)];
    this.#queue = [];
    this.#next = 0;
    this.#dueBefore = 0;
    this.#lanes.clear();
    this.#freed = [];
    this.#forming = [];
    this.#bytes = 0;
    this.#formingDue = false;
    return waiting;
  }

  #fill(): void {
    while (!this.#full) {
      const lane = this.#freed[0];
      if (lane !== undefined) this.#takeLane(lane);
      else if (this.#next < this.#queue.length) this.#takeNext();
      else break;
    }
    if (this.#next === this.#queue.length || this.#next >= compactAt) this.#compact();
  }

  /** Moves what fits of a lane into the request. */
  #takeLane(lane: Lane): void {
    let taken = 0;
    for (const entry of lane.entries) {
      if (this.#wouldOvertake(entry) || !this.#put(entry, taken < lane.due)) break;
      taken++;
    }
    this.#freed.shift();
    lane.freed = false;
    if (taken === lane.entries.length) {
      this.#lanes.delete(lane.user);
    } else {
      // The request holds the user again, and is full or would let an update overtake an event: the rest waits on.
      lane.entries = lane.entries.slice(taken);
      lane.due = Math.max(0, lane.due - taken);
      if (taken === 0) {
        lane.freed = true;
        this.#freed.unshift(lane);
      }
    }
  }

  #takeNext(): void {
    const entry = this.#queue[this.#next] as Waiting;
    const due = this.#next < this.#dueBefore;
    const lane = this.#lanes.get(entry.value.user);
    const mustWait = lane === undefined && this.#wouldOvertake(entry);
    if (lane === undefined && !mustWait) {
      if (this.#put(entry, due)) this.#next++;
      return;
    }
    this.#next++;
    if (lane === null || lane === undefined) {
      const user = entry.value.user;
      this.#lanes.set(user, { user, entries: [entry], due: due ? 1 : 0, freed: false });
    } else {
      lane.entries.push(entry);
      if (due) lane.due++;
    }
  }

  /**
   * Whether an update would pass an older event of its user: the destination applies the updates of a request before
   * its events (braze.com/docs/api/endpoints/user_data/post_user_track).
   */
  #wouldOvertake({ value }: Waiting): boolean {
    if (value.kind !== 'update' || this.#options.order === 'none') return false;
    return this.#forming.some((entry) => entry.value.kind === 'event' && entry.value.user === value.user);
  }

  /** Puts an entry into the request; false if the request is full without it. */
  #put(entry: Waiting, due: boolean): boolean {
    const { maxEntries, maxBytes } = this.#options;
    // A comma stands between two entries.
    const bytes = this.#bytes + entry.value.bytes + 1;
    if (this.#full || (this.#forming.length > 0 && bytes > maxBytes)) {
      this.#full = true;
      return false;
    }
    this.#forming.push(entry);
    this.#bytes = bytes;
    this.#formingDue ||= due;
    this.#full = this.#forming.length >= maxEntries;
    return true;
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#next);
    this.#dueBefore = Math.max(0, this.#dueBefore - this.#next);
    this.#next = 0;
  }
}

/** The queue lets go of what was taken from it in portions of this size. */
const compactAt = 1_024;
