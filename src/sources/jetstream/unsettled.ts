/**
 * The messages that are unsettled, by their number in the stream: a table of slots with linear probing.
 *
 * A `Map` would do the same. But a `Map` from which entries come and go is copied again and again, and V8 chains the
 * copies: once one of them is old, it keeps all later ones and what they hold until the next collection of the old
 * generation, and what should have died young is carried there at 2 KB an event.
 */
export class Unsettled<M extends { readonly sequence: number }> {
  #slots: (M | undefined)[];
  #size = 0;

  constructor(capacity: number) {
    this.#slots = emptySlots(2 * capacity);
  }

  get size(): number {
    return this.#size;
  }

  get(sequence: number): M | undefined {
    return this.#slots[this.#slotOf(sequence)];
  }

  add(message: M): void {
    if (2 * (this.#size + 1) > this.#slots.length) this.#grow();
    const slot = this.#slotOf(message.sequence);
    if (this.#slots[slot] === undefined) this.#size++;
    this.#slots[slot] = message;
  }

  delete(sequence: number): void {
    let hole = this.#slotOf(sequence);
    if (this.#slots[hole] === undefined) return;
    this.#size--;
    // What stands behind moves up, unless it would come to stand before the slot where it is looked for first.
    const mask = this.#slots.length - 1;
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const message = this.#slots[slot];
      if (message === undefined) break;
      const home = this.#homeOf(message.sequence);
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#slots[hole] = message;
      hole = slot;
    }
    this.#slots[hole] = undefined;
  }

  /** In no order. Messages may be deleted meanwhile. */
  values(): readonly M[] {
    return this.#slots.filter((message) => message !== undefined);
  }

  /** The slot of this number, or the one where it would be put. */
  #slotOf(sequence: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#homeOf(sequence);
    for (let message = this.#slots[slot]; message !== undefined && message.sequence !== sequence;) {
      slot = (slot + 1) & mask;
      message = this.#slots[slot];
    }
    return slot;
  }

  /** Scatters numbers that follow each other: Knuth's multiplicative hashing. */
  #homeOf(sequence: number): number {
    return (Math.imul(sequence, 0x9e3779b1) >>> 8) & (this.#slots.length - 1);
  }

  #grow(): void {
    const messages = this.values();
    this.#slots = emptySlots(2 * this.#slots.length);
    for (const message of messages) this.#slots[this.#slotOf(message.sequence)] = message;
  }
}

/** A power of two, so that a mask finds a slot. */
function emptySlots(atLeast: number): undefined[] {
  const slots: undefined[] = [];
  for (let length = 2 ** Math.ceil(Math.log2(atLeast)); length > 0; length--) slots.push(undefined);
  return slots;
}
