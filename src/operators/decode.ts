import { Observable, type OperatorFunction } from 'rxjs';
import { bufferOf } from '../core/buffer-of.ts';
import { type AmplitudeEvent, isEvent, isRecord } from '../core/event.ts';
import { discarded, Envelope, type Message, type Outcome } from '../core/message.ts';
import type { FieldPath } from '../core/reading.ts';
import { parseInGroups } from './parse-in-groups.ts';
import { notJson, type Parts } from './parts.ts';
import { readFields } from './read-fields.ts';

/**
 * Turns a message into its events. A message holds one event, an array of events, or a body of the HTTP V2 API with
 * `events` (amplitude.com/docs/apis/analytics/http-v2). What is not JSON or not an event is discarded; the other
 * events of the same message go on.
 *
 * @param fields which fields the events need to have; all of them if it is undefined. The others may be missing.
 */
export function decode(fields?: readonly FieldPath[]): OperatorFunction<Message, Envelope<AmplitudeEvent>> {
  const readerOf = (fields && readFields(fields)) ?? parseInGroups;
  return (messages) =>
    new Observable((subscriber) => {
      /** Read, and not emitted yet. */
      let parts: Parts[] = [];
      let busy = false;
      let completed = false;

      const take = (read: readonly Parts[]): void => {
        // Whatever is expected or settled can make the source hand out more at once. That stands behind all of these.
        parts.push(...read);
        const nested = busy;
        busy = true;
        for (const { message, values } of read) message.expect(values.length);
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
      const reader = readerOf(take);
      subscriber.add(() => reader.stop());
      return messages.subscribe({
        next: (message) => reader.add(message),
        error: (error) => subscriber.error(error),
        complete() {
          completed = true;
          reader.flush();
          if (!busy) subscriber.complete();
        },
      });
    });
}

function discardedText({ payload }: Message): Outcome {
  if (payload.byteLength === 0) return discarded('invalid_json', 'the message is empty');
  try {
    JSON.parse(bufferOf(payload).toString());
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
