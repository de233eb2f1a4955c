import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** How long a write waits for others, in milliseconds. Nothing waits for it but an ack. */
const groupMs = 25;
/** How long the server has to store a group, in milliseconds; the JetStream client's own default. */
const answerMs = 5_000;

interface Write {
  readonly subject: string;
  readonly value: Uint8Array;
}

/**
 * Writes to a stream in groups, as databases commit. All writes of some milliseconds leave in one go and are told done
 * at once, so that what follows from them leaves in one go as well: of a write by itself most of the cost is the
 * system calls around it. The server answers the first and the last write of a group with their numbers in the stream: if
 * those are as far apart as the writes are, it has stored all between, since nobody else writes. Otherwise the group has
 * failed as a whole; writing a state twice changes nothing.
 */
export class GroupWriter {
  readonly #connection: NatsConnection;
  #writes: Write[] = [];
  #group: Promise<void> | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** Resolves once the server has stored the group; rejects if it has not, or has not said so in time. */
  write(subject: string, value: Uint8Array): Promise<void> {
    this.#writes.push({ subject, value });
    this.#group ??= new Promise((resolve, reject) => {
      setTimeout(() => {
        const writes = this.#writes;
        this.#writes = [];
        this.#group = undefined;
        publish(this.#connection, writes).then(resolve, reject);
      }, groupMs);
    });
    return this.#group;
  }
}

function publish(connection: NatsConnection, writes: readonly Write[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const reply = createInbox();
    const last = writes.length - 1;
    const numbers: number[] = [];
    const end = (failure: Error | undefined): void => {
      clearTimeout(deadline);
      answers.unsubscribe();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    const deadline = setTimeout(() => end(new Error(`no answer within ${answerMs} ms`)), answerMs);
    const answers = connection.subscribe(reply, {
      callback: (error, message) => {
        const number = error ?? numberIn(message);
        if (number instanceof Error) end(number);
        else if (numbers.push(number) === (last === 0 ? 1 : 2)) {
          const [first = number] = numbers;
          end(number - first === last ? undefined : new Error('not all states of a group were stored'));
        }
      },
    });
    for (const [place, { subject, value }] of writes.entries()) {
      connection.publish(subject, value, place === 0 || place === last ? { reply } : {});
    }
  });
}

interface PublishAnswer {
  readonly seq?: number;
  readonly error?: { readonly description?: string };
}

/**
 * The number that a write has in the stream, or why it was not stored:
 * docs.nats.io/reference/reference-protocols/nats_api_reference (JetStream publish).
 */
function numberIn(answer: Msg): number | Error {
  if (answer.headers?.code === 503) return new Error('no stream takes the states');
  // A refusal has a number, too: 0.
  const { seq = 0, error } = answer.json<PublishAnswer>();
  return error === undefined && seq > 0 ? seq : new Error(error?.description ?? 'the state was not stored');
}
