import { bufferOf } from '../core/buffer-of.ts';
import { isEvent, isRecord } from '../core/event.ts';
import type { Message } from '../core/message.ts';

/** A message, and what it holds: events, what is none, or `notJson`. */
export interface Parts {
  readonly message: Message;
  readonly values: readonly unknown[];
}

/** Takes messages in their order, and hands their parts on in that order. */
export interface PartsReader {
  add(message: Message): void;
  /** Hands on what is held back. */
  flush(): void;
  /** Forgets it. */
  stop(): void;
}

export const notJson = Symbol('not JSON');

/** The parts of a payload that is read: all of a list, the `events` of a body of the HTTP V2 API, else one. */
export function eventsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (isRecord(value) && Array.isArray(value['events']) && !isEvent(value)) return value['events'];
  return [value];
}

export function parsePayload(payload: Uint8Array): unknown {
  try {
    return JSON.parse(bufferOf(payload).toString());
  } catch {
    return notJson;
  }
}
