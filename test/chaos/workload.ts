/** The numbered messages of a run, each with what must become of every event in it. */
import type { DiscardReason } from '../../src/core/message.ts';
import { seededRandom } from '../../src/simulator/random.ts';

/** What must become of one event. */
export type Fate =
  /** It arrives, and it may say something about its user. */
  | { readonly kind: 'arrives'; readonly user: string; readonly seq: number; readonly says?: UserChange }
  /** It is no event to Braze, and says something about its user. */
  | { readonly kind: 'updates'; readonly user: string; readonly says: UserChange }
  | { readonly kind: 'filtered' }
  /** A dead letter with exactly this payload. */
  | { readonly kind: 'dead'; readonly reason: DiscardReason; readonly payload: Buffer };

/** The user's `level` from now on, or so much more `points`. */
export type UserChange =
  | { readonly level: number; readonly points?: never }
  | { readonly points: number; readonly level?: never };

export interface PlannedMessage {
  /** Its own; the stream stores it once, however often it is published. */
  readonly id: string;
  readonly payload: Buffer;
  /** One for each event in it. */
  readonly fates: readonly Fate[];
}

export const blockedUser = 'blocked';
const users = 120;
const batchShare = 0.05;

/** Messages that hold so many events together, or a few more. */
export function planMessages(events: number, seed: number): readonly PlannedMessage[] {
  const random = seededRandom(seed ^ 0x5eed);
  const messages: PlannedMessage[] = [];
  for (let seq = 0; seq < events;) {
    const count = random() < batchShare ? 2 + Math.floor(random() * 30) : 1;
    const planned = Array.from({ length: count }, () => planEvent(seq++, random, count > 1));
    messages.push({
      id: `message-${messages.length}`,
      payload: count === 1 ? (planned[0]?.bytes ?? Buffer.alloc(0)) : batchOf(planned, random),
      fates: planned.map(({ fate }) => fate),
    });
  }
  return messages;
}

interface PlannedEvent {
  readonly bytes: Buffer;
  readonly fate: Fate;
}

function batchOf(events: readonly PlannedEvent[], random: () => number): Buffer {
  const texts = events.map(({ bytes }) => bytes.toString()).join(' , ');
  return Buffer.from(random() < 0.5 ? `[ ${texts} ]` : `{ "api_key": "k", "events": [${texts}] }`);
}

/** @param batched whether it shares a message with others, where it has to be JSON */
function planEvent(seq: number, random: () => number, batched: boolean): PlannedEvent {
  const user = `u-${Math.floor(random() ** 2 * users)}`;
  const event = { event_type: 'Viewed', user_id: user, event_properties: { seq, price: 1 } };
  const drawn = random() * 100;
  if (drawn < 60) return planned(event, { kind: 'arrives', user, seq });
  if (drawn < 72) {
    const says = { level: seq };
    return planned({ ...event, user_properties: says }, { kind: 'arrives', user, seq, says });
  }
  if (drawn < 78) {
    const says = { points: 1 };
    const identify = { event_type: '$identify', user_id: user, user_properties: { $add: says } };
    return planned(identify, { kind: 'updates', user, says });
  }
  if (drawn < 82) return planned({ ...event, event_type: 'Ignored' }, { kind: 'filtered' });
  if (drawn < 86) return planned({ ...event, event_properties: { seq, price: 0 } }, { kind: 'filtered' });
  if (drawn < 89) return dead({ ...event, user_id: null }, 'unresolved_identifier');
  if (drawn < 92) return dead({ ...event, event_properties: { seq, price: 'many' } }, 'filter_error');
  if (drawn < 95) return dead({ ...event, user_id: blockedUser }, 'rejected');
  if (drawn < 97 || batched) return dead({ seq, note: 'no event', number: 12_345_678_901 }, 'invalid_event');
  const bytes = drawn < 98.5 ? Buffer.from(`{"event_type":"Viewed","seq":${seq}`) : Buffer.from([0xff, 0xfe, 0, seq]);
  return { bytes, fate: { kind: 'dead', reason: 'invalid_json', payload: bytes } };
}

function planned(event: object, fate: Fate): PlannedEvent {
  return { bytes: Buffer.from(JSON.stringify(event)), fate };
}

function dead(event: object, reason: DiscardReason): PlannedEvent {
  // Spaces that a re-serialised copy would not have.
  const bytes = Buffer.from(JSON.stringify(event, undefined, 1));
  return { bytes, fate: { kind: 'dead', reason, payload: bytes } };
}
