import { asapScheduler, Observable, type OperatorFunction, Subscription } from 'rxjs';
import { type AmplitudeEvent, isEvent, isRecord } from '../core/event.ts';
import { discarded, Envelope, type Message, type Outcome } from '../core/message.ts';
import { maxTogether, parseTogether } from './parse-together.ts';

/**
 * Turns a message into its events. A message holds one event, an array of events, or a body of the HTTP V2 API with
 * `events` (amplitude.com/docs/apis/analytics/http-v2). What is not JSON or not an event is discarded; the other
 * events of the same message go on.
 *
 * Messages that come without a pause, as those of one read from a socket do, are parsed together.
 */
export function decode(): OperatorFunction<Message, Envelope<AmplitudeEvent>> {
  return (messages) =>
    new Observable((subscriber) => {
      let group: Message[] = [];
      let bytes = 0;
      let pause = Subscription.EMPTY;
      const emit = (value: unknown, message: Message): void => {
        const events = eventsIn(value);
        message.expect(events.length);
        let index = 0;
        for (const event of events) {
          if (isEvent(event)) subscriber.next(new Envelope(event, message, index));
          else message.settle(event === notJson ? discardedText(message) : notAnEvent(event), index);
          index++;
        }
      };
      const flush = (): void => {
        pause.unsubscribe();
        const ready = group;
        group = [];
        bytes = 0;
        let place = 0;
        for (const value of valuesOf(ready)) emit(value, ready[place++] as Message);
      };
      subscriber.add(() => pause.unsubscribe());
      return messages.subscribe({
        next(message) {
          const { byteLength } = message.payload;
          const alone = byteLength > worthCopying;
          if (alone || bytes + byteLength > maxTogether) flush();
          if (alone) {
            emit(parse(message.payload), message);
            return;
          }
          group.push(message);
          bytes += byteLength;
          if (group.length === mostTogether) flush();
          else if (group.length === 1) pause = asapScheduler.schedule(flush);
        },
        error: (error) => subscriber.error(error),
        complete() {
          flush();
          subscriber.complete();
        },
      });
    });
}

/** Nobody knows how many events a message holds before it is parsed, so the credits cannot know of them until then. */
const mostTogether = 64;
/** Longer payloads are parsed by themselves: to copy one would cost what is saved. */
const worthCopying = 8_192;

const notJson = Symbol('not JSON');

function valuesOf(messages: readonly Message[]): readonly unknown[] {
  const together = messages.length > 1 ? parseTogether(messages.map(({ payload }) => payload)) : undefined;
  return together ?? messages.map(({ payload }) => parse(payload));
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(text(payload));
  } catch {
    return notJson;
  }
}

function eventsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value['events']) && !isEvent(value)) return value['events'];
  return [value];
}

function text(payload: Uint8Array): string {
  const bytes = Buffer.isBuffer(payload)
    ? payload
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return bytes.toString();
}

function discardedText({ payload }: Message): Outcome {
  if (payload.byteLength === 0) return discarded('invalid_json', 'the message is empty');
  try {
    JSON.parse(text(payload));
  } catch (error) {
    if (error instanceof SyntaxError) return discarded('invalid_json', withoutData(error.message));
  }
  return discarded('invalid_json', 'the payload cannot be parsed');
}

/** The parser quotes what it read; event data does not belong into headers and logs. */
function withoutData(message: string): string {
  const position = /at position \d+(?= \(line \d+ column \d+\)$)/.exec(message)?.[0];
  return position === undefined ? 'the payload is not JSON' : `the payload is not JSON: it breaks off ${position}`;
}

function notAnEvent(value: unknown): Outcome {
  if (isRecord(value)) return discarded('invalid_event', 'the event has no event_type and is no identify call');
  return discarded('invalid_event', `an event is a JSON object, not ${nameOf(value)}`);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
