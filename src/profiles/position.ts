/**
 * Which events a user's state contains.
 *
 * JetStream delivers at least once, and not always in order: after a crash or a lost connection newer messages can come
 * before those that were not acked. So a number alone, of the newest event, could not tell one that was applied from
 * one that comes late; the few messages that may still come again are remembered one by one.
 */

/** Where an event stands. */
export interface Position {
  /** When the stream was made, in milliseconds since 1970: a stream that is made anew counts from 1 again. */
  readonly stream: number;
  /** The number of the message in the stream. */
  readonly sequence: number;
  /** Which event of the message it is, from 0. */
  readonly index: number;
  /**
   * No message up to this number will come again: the consumer's ack floor, or an older one. With 0 nothing is known;
   * then the newest 32 messages of each user are remembered.
   */
  readonly settledThrough: number;
  /** Whether the message was delivered before, to this engine or another one. */
  readonly redelivered?: boolean;
  /** Whether it comes from the dead letters, so that any event may have overtaken it. 0 stands for older than all then. */
  readonly replayed?: boolean;
}

/** The events that a state contains. */
export interface Applied {
  readonly stream: number;
  /** All up to this message: none of them will come again. */
  readonly through: number;
  /** Of later messages, in order: those that changed the state, each with the last of its events that did. */
  readonly messages: readonly (readonly [sequence: number, index: number])[];
}

/** More than a user's messages that are on their way at once; where it is not, the oldest counts as settled. */
const maxMessages = 32;

/** Whether the state contains the event. The events of a message are applied in their order. */
export function contains({ stream, through, messages }: Applied, position: Position): boolean {
  if (stream !== position.stream) return false;
  if (position.sequence <= through) return true;
  // From the newest: most events are newer than all of them.
  for (let place = messages.length - 1; place >= 0; place--) {
    const [sequence, index] = messages[place] as Applied['messages'][number];
    if (sequence <= position.sequence) return sequence === position.sequence && index >= position.index;
  }
  return false;
}

/** Whether the state contains a message that is newer than the event's. */
export function isOvertaken({ stream, messages }: Applied, { stream: same, sequence }: Position): boolean {
  return stream === same && (messages.at(-1)?.[0] ?? 0) > sequence;
}

/**
 * Whether the event has had its say. One that comes again after a newer one of its user changed the state was looked at
 * before that one, since the order holds: it is in the state, or it changed nothing and must not do so now.
 */
export function isDone(applied: Applied, position: Position): boolean {
  return contains(applied, position) || (position.redelivered === true && isOvertaken(applied, position));
}

/** Whether a replayed event is in the state already, or a newer one is: then it must not change it. */
export function isLate(applied: Applied, position: Position): boolean {
  return position.sequence === 0 || contains(applied, position) || isOvertaken(applied, position);
}

/** The events, and the one at this position. */
export function including(
  applied: Applied | undefined,
  { stream, sequence, index, settledThrough }: Position,
): Applied {
  const before = applied?.stream === stream ? applied : { through: 0, messages: [] };
  const through = Math.max(before.through, settledThrough);
  const messages = before.messages.filter(([other]) => other > through && other !== sequence);
  const older = messages.findLastIndex(([other]) => other < sequence) + 1;
  messages.splice(older, 0, [sequence, index]);
  const [oldest] = messages.length > maxMessages ? messages.splice(0, 1) : [];
  return { stream, through: Math.max(through, oldest?.[0] ?? 0), messages };
}
