import type { NatsConnection } from '@nats-io/transport-node';
import { rawWriterOf } from '../../nats/raw-writer.ts';

/** How long an ack waits for others, in milliseconds. A crash within it delivers again what Braze had accepted. */
const gatherMs = 5;

/**
 * What the server is told of messages (docs.nats.io/using-nats/developer/develop_jetstream/consumers). The client writes what is said without a pause to the socket at once, and a
 * write costs more than all that is in it. So acks are gathered for some milliseconds, over several requests.
 */
export class Acks {
  readonly #connection: NatsConnection;
  readonly #send: (ackSubjects: readonly string[]) => void;
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#send = sender(connection);
  }

  /** @param ackSubject where the ack of a message goes */
  add(ackSubject: string): void {
    this.#waiting.push(ackSubject);
    this.#timer ??= setTimeout(() => this.flush(), gatherMs);
  }

  /** Has a message delivered again, now. */
  nak(ackSubject: string): void {
    this.#connection.publish(ackSubject, '-NAK');
  }

  /** Tells the server that a message is being worked on, which starts its `ack_wait` anew. */
  inProgress(ackSubject: string): void {
    this.#connection.publish(ackSubject, '+WPI');
  }

  /** Says all acks that wait, now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting;
    this.#waiting = [];
    this.#send(ready);
  }
}

/** 1.5 µs for an ack of four bytes, if each is published by itself. */
function sender(connection: NatsConnection): (ackSubjects: readonly string[]) => void {
  const write = rawWriterOf(connection);
  if (write === undefined) {
    return (ackSubjects) => {
      for (const subject of ackSubjects) connection.publish(subject, '+ACK');
    };
  }
  return (ackSubjects) => write(`PUB ${ackSubjects.join(' 4\r\n+ACK\r\nPUB ')} 4\r\n+ACK\r\n`);
}
