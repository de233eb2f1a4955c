import { asapScheduler, Observable, type OperatorFunction, Subscription } from 'rxjs';
import { type AmplitudeEvent, isEvent, isRecord } from '../core/event.ts';
import { discarded, Envelope, type Message, type Outcome } from '../core/message.ts';
import { maxTogether, parseTogether } from './parse-together.ts';

/**
 * Turns a message into its events. A message holds one event, an array of events, or a body of the HTTP V2 API with
 * `events` (amplitude.com/docs/apis/analytics/http-v2). What is not JSON or not an event is discarded; the other
 * events of the same message go on.
 *
 * Messages of one event that come without a pause, as those of one read from a socket do, are parsed together. How many
 * events a message holds is known only once it is parsed, and credits have to know it before the next one is handed out: one
 * that may hold many is parsed when it comes.
 */
export function decode(): OperatorFunction<Message, Envelope<AmplitudeEvent>> {
  return (messages) =>
    new Observable((subscriber) => {
      /** Not parsed yet. */
      let group: Message[] = [];
      let bytes = 0;
      let pause = Subscription.EMPTY;
      /** Parsed, and not emitted yet. */
      let parts: Parts[] = [];
      let busy = false;
      let completed = false;
      /** Whether the last message held one event, as the next one then does. */
      let single = false;

      const take = (parsed: readonly Parts[]): void => {
        // Whatever is expected or settled can make the source hand out more at once. That stands behind all of these.
        parts.push(...parsed);
        single = parsed.at(-1)?.values.length === 1;
        const nested = busy;
        busy = true;
        for (const { message, values } of parsed) message.expect(values.length);
        busy = nested;
        if (!nested) emit();
      };
      const emit = (): void => {
        busy = true;
        for (const { message, values } of parts) {
          let index = 0;
          for (const value of values) {
            if (isEvent(value)) subscriber.next(new Envelope(value, message, index));
            else message.settle(value === notJson ? discardedText(message) : notAnEvent(value), index);
            index++;
          }
        }
        parts = [];
        busy = false;
        if (completed) subscriber.complete();
      };
      const takeGroup = (): void => {
        pause.unsubscribe();
        const ready = group;
        group = [];
        bytes = 0;
        if (ready.length > 0) take(parseAll(ready));
      };
      subscriber.add(() => pause.unsubscribe());
      return messages.subscribe({
        next(message) {
          const { byteLength } = message.payload;
          const alone = !single || byteLength > worthCopying || message.payload[0] !== openBrace;
          if (alone || bytes + byteLength > maxTogether || group.length === mostTogether) takeGroup();
          if (alone) {
            take(parseAll([message]));
            return;
          }
          bytes += byteLength;
          if (group.push(message) === 1) pause = asapScheduler.schedule(takeGroup);
        },
        error: (error) => subscriber.error(error),
        complete() {
          completed = true;
          takeGroup();
          if (!busy) subscriber.complete();
        },
      });
    });
}

/** What a message holds. */
interface Parts {
  readonly message: Message;
  readonly values: readonly unknown[];
}

const mostTogether = 64;
/** Longer payloads are parsed by themselves: to copy one would cost what is saved. */
const worthCopying = 8_192;
const openBrace = 0x7b;

const notJson = Symbol('not JSON');

function parseAll(messages: readonly Message[]): readonly Parts[] {
  const together = messages.length > 1 ? parseTogether(messages.map(({ payload }) => payload)) : undefined;
  return messages.map((message, place) => {
    const value = together === undefined ? parse(message.payload) : together[place];
    return { message, values: eventsIn(value) };
  });
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
