import { MsgHdrsImpl } from '@nats-io/transport-node';

/**
 * Headers that are written once and never read: half the cost of setting each in a map and writing that. Names and values
 * are of ASCII, and none may hold the end of a line.
 */
export class WrittenHeaders extends MsgHdrsImpl {
  /** What is sent of them, all in ASCII. */
  readonly text: string;

  /** @param lines `Name: value`, each ended by CRLF */
  constructor(lines: string) {
    super();
    this.text = `NATS/1.0\r\n${lines}\r\n`;
  }

  override encode(): Uint8Array {
    return Buffer.from(this.text, 'latin1');
  }
}
