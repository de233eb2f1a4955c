import type { Workspace } from './workspace.ts';

/** How often a request of one entry has to be refused on its own account before the entry is given up. */
const proof = 6;

/**
 * Tells a refused key from a refused body. A 403 can come from Braze, which lets nobody in, or from a firewall in front
 * of it that dislikes one body. A refusal is the body's own if the same body, or one that held it, was refused before,
 * and a request that left after that was accepted. While the key is refused nothing is accepted, and so nothing is
 * ever laid to a body.
 */
export class Suspicion {
  /** When the last refusal came, on the clock of `performance.now()`. */
  #refusedAt = Infinity;
  #ownRefusals = 0;

  /** Takes note of a refusal. Answers whether it is the body's own. */
  isOwn({ acceptedAt }: Pick<Workspace, 'acceptedAt'>, now: number): boolean {
    const own = acceptedAt > this.#refusedAt;
    this.#refusedAt = now;
    this.#ownRefusals = own ? this.#ownRefusals + 1 : 0;
    return own;
  }

  /** Whether the body was refused on its own account so often that nothing else can be meant. */
  get proven(): boolean {
    return this.#ownRefusals >= proof;
  }

  /** The suspicion against a part of the body. */
  ofPart(): Suspicion {
    const part = new Suspicion();
    part.#refusedAt = this.#refusedAt;
    return part;
  }
}
