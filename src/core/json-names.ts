/** Values by the names of an object's members, found by the bytes of a name: most names are none of these, and so made no text. */
export class NameTable<T> {
  /** The names that share a head. The first group is that of none. */
  readonly #groups: { readonly bytes: Uint8Array; readonly value: T }[][] = [[]];
  /** Small, since it is asked for each member. */
  readonly #groupByHead = new Uint16Array(headOf(longHead, 31) + 1);

  /** @param entries with names that `canBeFound` */
  constructor(entries: Iterable<readonly [name: string, value: T]>) {
    for (const [name, value] of entries) {
      const bytes = Buffer.from(name);
      const head = headOf(bytes.length, bytes[0] ?? 0);
      this.#groupByHead[head] ||= this.#groups.push([]) - 1;
      this.#groups[this.#groupByHead[head]]?.push({ bytes, value });
    }
  }

  /** What has the name that stands there, without its quotes and with no escape in it. */
  find(body: Uint8Array, start: number, end: number): T | undefined {
    const length = end - start;
    const group = this.#groupByHead[headOf(length, body[start] ?? 0)] ?? 0;
    if (group === 0) return undefined;
    for (const { bytes, value } of this.#groups[group] ?? []) {
      let place = 0;
      while (place < length && bytes[place] === body[start + place]) place++;
      if (place === length && bytes.length === length) return value;
    }
    return undefined;
  }
}

/** Whether what the parser makes of a name is found by its bytes: it is not if bytes that are no UTF-8 may be the name too. */
export function canBeFound(name: string): boolean {
  return name.isWellFormed() && !name.includes('\uFFFD');
}

const longHead = 31;
/** A name's length and the last bits of its first byte, which tell most of them apart. */
function headOf(length: number, first: number): number {
  return length === 0 ? 0 : (Math.min(length, longHead) << 5) | (first & 31);
}
