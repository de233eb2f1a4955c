import { UnreachableError } from '../../core/errors.ts';
import type { ReplayAnswer } from '../../sources/jetstream/replay-answer.ts';
import { requestReplay } from '../../sources/jetstream/replay-client.ts';
import { LocalEngines } from './local-engines.ts';
import type { Session } from './session.ts';

/** A letter by its number, and the sync that it is of. */
export interface Target {
  readonly letter: number;
  readonly sync: string;
}

/** How long an engine is waited for at first: it may be about to start its pipeline. */
const patienceMs = 3_000;
/** How long one is waited for that was there: another one must not find us in its place. */
const returnMs = 30_000;
/** There is no such letter, which an engine says at once. */
const probe = 0;

/** Has letters sent again: by the engine that runs their sync, or, where none does, by one in this process. */
export class Replayer {
  readonly #session: Session;
  readonly #engines: LocalEngines;
  readonly #reached = new Map<string, Promise<void>>();

  constructor(session: Session, rules: string) {
    this.#session = session;
    this.#engines = new LocalEngines(session, rules);
  }

  /**
   * Resolves once the letter is settled. Letters are sent in the order in which this is called. Throws an
   * UnreachableError if nobody can run the sync.
   */
  async replay({ letter, sync }: Target, abort: AbortSignal): Promise<ReplayAnswer> {
    let reached = this.#reached.get(sync);
    if (reached === undefined) {
      reached = this.#reach(sync, abort);
      this.#reached.set(sync, reached);
    }
    await reached;
    const answer = await this.#ask(letter, sync, this.#engines.has(sync) ? Infinity : returnMs, abort);
    if (answer !== undefined) return answer;
    throw new UnreachableError(`the engine that ran the sync ${sync} is gone; start it again, or replay what is left`);
  }

  /** Why nothing is sent, where this process is the one to send it. */
  async troubles(): Promise<readonly string[]> {
    return await this.#engines.troubles();
  }

  /** Delivers what is in flight here, and ends. */
  async stop(): Promise<void> {
    await this.#engines.stop();
  }

  /** Before the first letter is asked for, or those that find nobody would come behind later ones. */
  async #reach(sync: string, abort: AbortSignal): Promise<void> {
    if ((await this.#ask(probe, sync, patienceMs, abort)) !== undefined) return;
    await this.#engines.start(sync);
    await this.#ask(probe, sync, Infinity, abort);
  }

  async #ask(letter: number, sync: string, patience: number, abort: AbortSignal): Promise<ReplayAnswer | undefined> {
    const { connection, letters } = this.#session;
    return await requestReplay(connection, { stream: letters.stream, sync, letter }, patience, abort);
  }
}
