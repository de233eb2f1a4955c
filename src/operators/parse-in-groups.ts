import { asapScheduler, Subscription } from 'rxjs';
import { openBrace } from '../core/json-bytes.ts';
import type { Message } from '../core/message.ts';
import { maxTogether, parseTogether } from './parse-together.ts';
import { eventsIn, parsePayload, type Parts, type PartsReader } from './parts.ts';

/**
 * Parses messages of one event that come without a pause, as those of one read from a socket do, together. How many events
 * a message holds is known only once it is parsed, and credits have to know it before the next one is handed out: one that
 * may hold many is parsed when it comes.
 */
export function parseInGroups(take: (parts: readonly Parts[]) => void): PartsReader {
  let group: Message[] = [];
  let bytes = 0;
  let pause = Subscription.EMPTY;
  /** Whether the last message held one event, as the next one then does. */
  let single = false;

  const parse = (messages: readonly Message[]): void => {
    const parts = parseAll(messages);
    single = parts.at(-1)?.values.length === 1;
    take(parts);
  };
  const flush = (): void => {
    pause.unsubscribe();
    const ready = group;
    group = [];
    bytes = 0;
    if (ready.length > 0) parse(ready);
  };
  return {
    add(message) {
      const { byteLength } = message.payload;
      const alone = !single || byteLength > worthCopying || message.payload[0] !== openBrace;
      if (alone || bytes + byteLength > maxTogether || group.length === mostTogether) flush();
      if (alone) {
        parse([message]);
        return;
      }
      bytes += byteLength;
      if (group.push(message) === 1) pause = asapScheduler.schedule(flush);
    },
    flush,
    stop: () => pause.unsubscribe(),
  };
}

const mostTogether = 64;
/** Longer payloads are parsed by themselves: to copy one would cost what is saved. */
const worthCopying = 8_192;

function parseAll(messages: readonly Message[]): readonly Parts[] {
  const together = messages.length > 1 ? parseTogether(messages.map(({ payload }) => payload)) : undefined;
  return messages.map((message, place) => {
    const value = together === undefined ? parsePayload(message.payload) : together[place];
    return { message, values: eventsIn(value) };
  });
}
