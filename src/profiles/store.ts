import { LRUCache } from 'lru-cache';
import { backoffMs } from '../core/backoff.ts';
import { bufferOf } from '../core/buffer-of.ts';
import { ChurningMap } from '../core/churning-map.ts';
import { messageOf } from '../core/errors.ts';
import { wait } from '../core/wait.ts';
import type { Bucket } from './bucket.ts';

export interface StoreOptions<S> {
  readonly bucket: Bucket;
  /** How many states are kept at hand. Those that are not written yet are kept besides. */
  readonly cacheSize: number;
  readonly format: (state: S) => string;
  /** Undefined for what cannot be read: the user is then seen for the first time. */
  readonly parse: (text: string) => S | undefined;
  /** Ends all waiting for the server: what is not written by then is not. */
  readonly abort: AbortSignal;
  /** Told why states cannot be read or written at the moment; null once they can. */
  readonly onTrouble: (trouble: string | null) => void;
  /** Told when it turns out that there are more states than are kept at hand: from then on they come and go. */
  readonly onOverflow?: (() => void) | undefined;
}

/** A state that was set, and is not written. */
export interface Change<S> {
  readonly key: string;
  state: S;
  /** Told whether it was written, once it may be. */
  settled: ((written: boolean) => void) | undefined;
}

/** What is ahead of the bucket for one user. */
interface Ahead<S> {
  /** Oldest first. */
  changes: Change<S>[];
  writing: boolean;
}

const backoff = { firstMs: 250, maxMs: 10_000 };

/**
 * The states of users: those at hand, and behind them the bucket. A state that is set is seen at once, and is written
 * when it is committed, which is after the destination has accepted what came of it. This process is the only writer.
 */
export class ProfileStore<S> {
  readonly #options: StoreOptions<S>;
  /** As written; null for users of whom nothing is written. */
  readonly #cache: LRUCache<string, { readonly state: S | null }>;
  readonly #ahead = new ChurningMap<string, Ahead<S>>();
  readonly #loading = new ChurningMap<string, Promise<void>>();
  /** Whether every state of the bucket is at hand, so that what is not at hand does not exist. */
  #complete = false;
  #overflows = false;
  hits = 0;
  misses = 0;

  constructor(options: StoreOptions<S>) {
    this.#options = options;
    this.#cache = new LRUCache({
      max: options.cacheSize,
      dispose: (_value, _key, reason) => {
        if (reason === 'evict') this.#overflow();
      },
    });
  }

  /** Reads all states at once if they fit: a hundred thousand cost less so than a few thousand that are asked for one by one. */
  async warmUp(): Promise<void> {
    const { bucket, cacheSize, parse } = this.#options;
    const states = await bucket.all(cacheSize);
    if (states === undefined) {
      this.#overflow();
      return;
    }
    for (const [key, bytes] of states) this.#cache.set(key, { state: parse(text(bytes)) ?? null });
    this.#complete = true;
  }

  /** How many states are at hand. */
  get size(): number {
    return this.#cache.size + this.#ahead.size;
  }

  /** The state at hand: null if the user has none, undefined if it has to be loaded first. */
  peek(key: string): S | null | undefined {
    return this.#ahead.get(key)?.changes.at(-1)?.state ?? this.#cache.peek(key)?.state;
  }

  /** Nothing if the state is at hand, else a promise that resolves once it is, or the store is aborted. */
  load(key: string): Promise<void> | undefined {
    // `get` where states are let go: what is needed now must not be the next. To note that costs a fifth of the rest.
    const atHand = this.#complete ? this.#cache.peek(key) : this.#cache.get(key);
    if (atHand !== undefined || this.#ahead.has(key)) {
      this.hits++;
      return undefined;
    }
    if (this.#complete) {
      this.#cache.set(key, { state: null });
      return undefined;
    }
    const under = this.#loading.get(key);
    if (under !== undefined) return under;
    this.misses++;
    const loading = this.#load(key).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  /** The state from now on. The change is to be committed or given up. */
  set(key: string, state: S): Change<S> {
    const change: Change<S> = { key, state, settled: undefined };
    const ahead = this.#ahead.get(key);
    if (ahead === undefined) this.#ahead.set(key, { changes: [change], writing: false });
    else ahead.changes.push(change);
    return change;
  }

  /**
   * Writes a state that was set, once all that were set before it are committed, too: no state is written that
   * contains what the destination may not have. Several that are committed in one turn are written once, as the last
   * of them. Resolves to false if the change was given up, or the store was aborted before the server had it.
   *
   * @param amend what is to be changed of the state, and of those that were set after it
   */
  commit(change: Change<S>, amend?: (state: S) => S): Promise<boolean> {
    const ahead = this.#ahead.get(change.key);
    const place = ahead?.changes.indexOf(change) ?? -1;
    if (ahead === undefined || place === -1) return Promise.resolve(false);
    if (amend !== undefined) for (const later of ahead.changes.slice(place)) later.state = amend(later.state);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    change.settled = resolve;
    if (!ahead.writing) {
      ahead.writing = true;
      queueMicrotask(() => void this.#writeAll(change.key, ahead));
    }
    return promise;
  }

  /** Forgets a change whose event comes again, and with it those that were set after it: they are built on it. */
  giveUp(change: Change<S>): void {
    const ahead = this.#ahead.get(change.key);
    const place = ahead?.changes.indexOf(change) ?? -1;
    if (ahead === undefined || place === -1) return;
    const dropped = ahead.changes.splice(place);
    if (ahead.changes.length === 0) this.#ahead.delete(change.key);
    for (const { settled } of dropped) settled?.(false);
  }

  #overflow(): void {
    if (!this.#overflows) this.#options.onOverflow?.();
    this.#overflows = true;
    this.#complete = false;
  }

  async #load(key: string): Promise<void> {
    const bytes = await this.#persist(() => this.#options.bucket.get(key));
    if (bytes === undefined || this.#ahead.has(key)) return;
    const state = bytes === null ? null : (this.#options.parse(text(bytes)) ?? null);
    this.#cache.set(key, { state });
  }

  async #writeAll(key: string, ahead: Ahead<S>): Promise<void> {
    for (let ready = committed(ahead); ready.length > 0; ready = committed(ahead)) {
      const { state } = ready.at(-1) as Change<S>;
      const bytes = Buffer.from(this.#options.format(state));
      const written = (await this.#persist(() => this.#options.bucket.put(key, bytes).then(() => true))) ?? false;
      // What was given up meanwhile has been told so already.
      const done = ready.filter((change) => ahead.changes.includes(change));
      ahead.changes = ahead.changes.slice(done.length);
      // Of what was written the cache knows even if the changes were given up: the bucket has it.
      if (written) this.#cache.set(key, { state });
      if (ahead.changes.length === 0 && this.#ahead.get(key) === ahead) this.#ahead.delete(key);
      for (const { settled } of done) settled?.(written);
    }
    ahead.writing = false;
  }

  /** Does it until it succeeds; undefined if the store was aborted before. */
  async #persist<T>(action: () => Promise<T>): Promise<T | undefined> {
    const { abort, onTrouble } = this.#options;
    for (let failures = 0; !abort.aborted;) {
      try {
        const result = await action();
        if (failures > 0) onTrouble(null);
        return result;
      } catch (error) {
        failures++;
        onTrouble(`users' states cannot be reached: ${messageOf(error)}`);
        await wait(backoffMs(failures, backoff), abort);
      }
    }
    return undefined;
  }
}

function text(bytes: Uint8Array): string {
  return bufferOf(bytes).toString();
}

/** The changes that may be written: those before the first one whose outcome is not known. */
function committed<S>({ changes }: Ahead<S>): readonly Change<S>[] {
  const open = changes.findIndex(({ settled }) => settled === undefined);
  return changes.slice(0, open === -1 ? changes.length : open);
}
