/**
 * What a source hands out and what may become of it.
 *
 * Operators and sinks state an outcome; only the source turns it into an ack, a dead letter or a redelivery.
 */

/** Why an event was given up. Each reason is a label of a metric and a header of the dead letter. */
export type DiscardReason =
  /** The payload, or a part of it, is not JSON. */
  | 'invalid_json'
  /** The JSON is not an Amplitude event, or it cannot be written again as JSON. */
  | 'invalid_event'
  /** A filter failed on this event; the detail holds JSONata's code. */
  | 'filter_error'
  /** The mapped property has no value, so Braze could not know whose event it is. */
  | 'unresolved_identifier'
  /** The destination refused this object; the detail holds its words. */
  | 'rejected'
  /** The destination takes no request of this size, even with this object alone. */
  | 'too_large'
  /** Older than `delivery.giveUpAfterMs`. */
  | 'expired';

/** The two things that an event can be for the destination: an event, and an update of its user. */
export type EventPart = 'event' | 'update';

/** What became of one event. */
export type Outcome =
  /** The destination accepted it, at the attempt of this number. */
  | { readonly kind: 'delivered'; readonly attempts: number }
  /** The sync does not want it. */
  | { readonly kind: 'filtered' }
  /** It cannot be delivered: it goes to the dead letters. */
  | {
      readonly kind: 'discarded';
      readonly reason: DiscardReason;
      readonly detail: string;
      readonly attempts: number;
      /** The part of the event that the destination took nevertheless: a replay must not send it again. */
      readonly accepted?: EventPart;
    }
  /** Neither accepted nor refused when the engine stopped: the source gives it back to the stream. */
  | { readonly kind: 'returned' };

export const filtered: Outcome = { kind: 'filtered' };
export const returned: Outcome = { kind: 'returned' };

/** The outcome of an event that is given up before it was sent. */
export function discarded(reason: DiscardReason, detail: string, attempts = 0): Outcome {
  return { kind: 'discarded', reason, detail, attempts };
}

/** What sets a message apart that comes again from the dead letters. Its other fields are those that it first had. */
export interface Replay {
  /** Which event of its message it was. */
  readonly index: number;
  /** The part of it that the destination has taken before. */
  readonly accepted: EventPart | undefined;
}

/** A payload from the stream, and the duty to say once, for each event in it, what became of it. */
export interface Message {
  readonly payload: Uint8Array;
  /** When the stream stored the message, in milliseconds since 1970. */
  readonly storedAt: number;
  /** Its number in the stream, from 1; 0 for a replayed message that is older than the stream. */
  readonly sequence: number;
  /** Whether it was handed out before, by this process or another one, so that the destination may have its events. */
  readonly redelivered: boolean;
  /** Only for what is replayed. */
  readonly replay?: Replay | undefined;
  /**
   * Says how many events the payload holds. Called once, before anything is settled; until then it counts as one.
   * A message of no events is done at once.
   */
  expect(events: number): void;
  /**
   * Says what became of the event at this index. The first call for an index counts. The message is acked when
   * each of its events is settled.
   */
  settle(outcome: Outcome, index: number): void;
}

/** A value on its way through the operators, with the duty of the event that it stands for. */
export class Envelope<T> {
  readonly value: T;
  readonly message: Message;
  /** Which event of the message this is. */
  readonly index: number;

  constructor(value: T, message: Message, index: number) {
    this.value = value;
    this.message = message;
    this.index = index;
  }

  /** The same duty around another value. */
  with<U>(value: U): Envelope<U> {
    return new Envelope(value, this.message, this.index);
  }

  settle(outcome: Outcome): void {
    this.message.settle(outcome, this.index);
  }
}
