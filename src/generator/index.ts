import { createOccurrences } from './occurrences.ts';
import type { Properties } from './operations.ts';
import { type GeneratorOptions, type GeneratorSettings, settingsOf } from './options.ts';
import { createPerson, type Person, type User } from './people.ts';
import { createRandom, uuid } from './random.ts';
import { createSampler, zipfWeights } from './sampler.ts';
import { exportedEvent, httpEvent, type Shape } from './shapes.ts';
import { batchSubject, subjectOf } from './subject.ts';
import { createTimestamp } from './timestamp.ts';

export type { Properties } from './operations.ts';
export type { GeneratorOptions } from './options.ts';
export type { User } from './people.ts';
export type { Shape } from './shapes.ts';
export { subjectOf, subjectToken } from './subject.ts';

/** One event, and beside it the truth about it. */
export interface GeneratedEvent {
  /** Not to be written to: events share their parts. */
  readonly event: Properties;
  readonly shape: Shape;
  readonly user: User;
  /** Which event of its user it is, from 1. */
  readonly seq: number;
  /** The user's properties after this event. */
  readonly properties: Properties;
}

/** What a NATS message holds. */
export interface GeneratedMessage {
  readonly subject: string;
  /** JSON: an event, or of several a list or, as the HTTP API takes them, a body with `api_key` and `events`. */
  readonly payload: string;
  readonly events: readonly GeneratedEvent[];
}

/** Endless: a `for` over it has to be left. */
export interface EventGenerator extends Iterable<GeneratedEvent> {
  next(): GeneratedEvent;
  message(): GeneratedMessage;
}

/**
 * Makes Amplitude events as a shop with a radio would see them: sessions, page views, carts, purchases, songs,
 * sign-ups, changes of user properties, texts in many scripts.
 *
 * @throws RangeError for an option that is out of its range
 */
export function createGenerator(options: GeneratorOptions = {}): EventGenerator {
  const settings = settingsOf(options);
  const { seed, users, anonymousShare, start, rate, eventsPerMessage, numbered } = settings;
  const random = createRandom(seed, -1);
  const sampleRank = createSampler(activityWeights(settings));
  const occur = createOccurrences(settings, random);
  const timestamp = createTimestamp();
  const people = Array.from<Person | undefined>({ length: users });
  let count = 0;

  function personOf(rank: number, time: number): Person {
    const known = people[rank];
    if (known !== undefined && !hasLeft(known)) return known;
    const visitor = known?.visitor ?? (rank === 0 ? anonymousShare === 1 : random() < anonymousShare);
    return (people[rank] = createPerson(seed, rank, known === undefined ? 0 : known.generation + 1, visitor, time));
  }

  // Visitors come and go, so that there are always anonymous users, however long the stream.
  function hasLeft({ visitor, seq, remaining }: Person): boolean {
    return visitor && seq > 0 && remaining === 0 && random() < 0.2;
  }

  function draw(shape: Shape): GeneratedEvent {
    const time = start + Math.floor((count++ * 1000) / rate);
    const user = personOf(sampleRank(random), time);
    const occurrence = occur(user, time, shape);
    const { seq } = user;
    const happened = numbered ? { ...occurrence, properties: { ...occurrence.properties, seq } } : occurrence;
    const event = shape === 'http' ? httpEvent(user, happened) : exportedEvent(user, happened, uuid(random), timestamp);
    return { event, shape, user, seq, properties: user.properties };
  }

  function drawShape(): Shape {
    if (settings.shape !== 'mixed') return settings.shape;
    return random() < 0.5 ? 'http' : 'export';
  }

  return {
    next: () => draw(drawShape()),
    message() {
      const shape = drawShape();
      const events = Array.from({ length: eventsPerMessage }, () => draw(shape));
      const [first] = events;
      if (events.length === 1 && first !== undefined) {
        return { subject: subjectOf(String(first.event['event_type'])), payload: JSON.stringify(first.event), events };
      }
      const list = events.map(({ event }) => event);
      const body = shape === 'http' && random() < 0.5 ? { api_key: 'sluice-demo', events: list } : list;
      return { subject: batchSubject, payload: JSON.stringify(body), events };
    },
    *[Symbol.iterator]() {
      while (true) yield draw(drawShape());
    },
  };
}

/** The weight of each rank: Zipf's law, with the first one lifted to its share if it has one. */
function activityWeights({ users, zipfExponent, hotUserShare }: GeneratorSettings): Float64Array {
  const weights = zipfWeights(users, zipfExponent);
  if (hotUserShare === undefined || users === 1) return weights;
  const rest = weights.subarray(1).reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, rank) => (rank === 0 ? hotUserShare : ((1 - hotUserShare) * weight) / rest));
}
