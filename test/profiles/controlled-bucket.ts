import type { Bucket } from '../../src/profiles/bucket.ts';
import { memoryBucket } from '../../src/profiles/memory-bucket.ts';

/**
 * A bucket in memory that keeps what it is asked, and that fails or takes its time when the test says so: no server does
 * either on demand.
 */
export class ControlledBucket implements Bucket {
  readonly maxStateBytes = Infinity;
  /** The keys of all reads, one by one. */
  readonly reads: string[] = [];
  /** The keys and the values of all writes that were taken. */
  readonly writes: (readonly [key: string, value: string])[] = [];
  /** What reads and writes fail with from now on; undefined lets them succeed. */
  failure: string | undefined;
  /** Whether reads and writes wait for `answer`. */
  held = false;
  readonly #states = memoryBucket();
  #waiting: (() => void)[] = [];

  static async holding(states: Readonly<Record<string, string>>): Promise<ControlledBucket> {
    const bucket = new ControlledBucket();
    for (const [key, value] of Object.entries(states)) await bucket.put(key, Buffer.from(value));
    bucket.writes.length = 0;
    return bucket;
  }

  /** How many reads and writes wait for an answer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  async get(key: string): Promise<Uint8Array | null> {
    this.reads.push(key);
    await this.#turn();
    return await this.#states.get(key);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#turn();
    this.writes.push([key, Buffer.from(value).toString()]);
    await this.#states.put(key, value);
  }

  async all(most: number): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
    const states = await this.#states.all(most);
    return states === undefined || states.size > most ? undefined : states;
  }

  /** What is written under the key; null if nothing is. */
  async written(key: string): Promise<string | null> {
    const value = await this.#states.get(key);
    return value === null ? null : Buffer.from(value).toString();
  }

  /** Answers the oldest read or write that waits. */
  answer(): void {
    this.#waiting.shift()?.();
  }

  /** Answers all that wait, and from now on whatever comes at once. */
  release(): void {
    this.held = false;
    for (const answer of this.#waiting.splice(0)) answer();
  }

  async #turn(): Promise<void> {
    if (this.held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.failure !== undefined) throw new Error(this.failure);
  }
}
