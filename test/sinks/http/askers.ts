import { vi } from 'vitest';
import type { RateLimit } from '../../../src/sinks/http/rate-limit.ts';

/** One that wants to pass, and what it was told when. */
export interface Asker {
  readonly name: number;
  readonly askedAt: number;
  readonly abort: AbortController;
  passed: boolean | undefined;
  at: number;
}

/** Asks a gate under fake timers, and notes who passed, in order. Whoever passes says at once that all is well. */
export class Askers {
  readonly all: Asker[] = [];
  readonly passed: Asker[] = [];
  readonly #gate: RateLimit;

  constructor(gate: RateLimit) {
    this.#gate = gate;
  }

  async ask(count = 1): Promise<void> {
    for (let made = 0; made < count; made++) void this.#askOnce();
    await vi.advanceTimersByTimeAsync(0);
  }

  get names(): readonly number[] {
    return this.passed.map(({ name }) => name);
  }

  get waiting(): readonly Asker[] {
    return this.all.filter(({ passed }) => passed === undefined);
  }

  async #askOnce(): Promise<void> {
    const abort = new AbortController();
    const asker: Asker = { name: this.all.length, askedAt: performance.now(), abort, passed: undefined, at: 0 };
    this.all.push(asker);
    asker.passed = await this.#gate.pass(abort.signal);
    asker.at = performance.now();
    if (!asker.passed) return;
    this.passed.push(asker);
    this.#gate.resume();
  }
}
