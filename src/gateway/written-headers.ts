import { MsgHdrsImpl } from '@nats-io/transport-node';

/**
 * Headers that are written once and never read: half the cost of setting each in a map and writing that. Names and values
 * are of ASCII, and none may hold the end of a line.
 */
export class WrittenHeaders extends MsgHdrsImpl {
  readonly #lines: string;

  /** @param lines `Name: value`, each ended by CRLF */
  constructor(lines: string) {
    super();
    this.#lines = lines;
  }

  override encode(): Uint8Array {
    return Buffer.from(headerBlock(this.#lines), 'latin1');
  }
}

/** What is sent of the headers with these lines. */
export function headerBlock(lines: string): string {
  return `NATS/1.0\r\n${lines}\r\n`;
}
