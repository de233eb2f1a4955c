/** What is sent through the engine: generated events, of a size, from so many users, some of which the sync selects. */
import { createGenerator, subjectOf } from '../src/generator/index.ts';

export interface Workload {
  /** What an event's JSON is filled up to, in bytes; as generated it has some 900. */
  readonly size: number;
  readonly perMessage: number;
  /** The share of events whose type the sync selects. */
  readonly passShare: number;
  readonly users: number;
  /** The exponent of Zipf's law for who is how busy; 0: all alike. */
  readonly skew: number;
}

/** The flags that say so, as `openBench` takes them. */
export const workloadFlags = {
  size: { default: 0, help: 'fill each event up to so many bytes' },
  'per-message': { default: 1, help: 'events a message' },
  'pass-share': { default: 1, help: 'share of events that the sync selects by type' },
  users: { default: 10_000, help: 'how many users' },
  skew: { default: 1.1, help: 'Zipf exponent of how busy they are, 0: all alike' },
};

export function workloadOf(flags: Readonly<Record<keyof typeof workloadFlags, number>>): Workload {
  const { size, users, skew } = flags;
  return { size, users, skew, perMessage: flags['per-message'], passShare: flags['pass-share'] };
}

/** The type that a sync selects which does not want all events. The generator makes no other events of it. */
const selectedType = 'Selected';

/** The rows of `events.select` for a workload. */
export function selectOf({ passShare }: Workload): readonly string[] {
  return passShare < 1 ? [selectedType] : ['*'];
}

export interface WorkloadMessage {
  /** As the generator has it: `events.<type>`, or `events.batch`. */
  readonly subject: string;
  readonly payload: string;
}

/** Makes the messages of a workload, one with each call; always the same ones. Every event has a user. */
export function messagesOf(workload: Workload): () => WorkloadMessage {
  const { size, perMessage, passShare, users, skew } = workload;
  const generator = createGenerator({
    users,
    zipfExponent: skew,
    eventsPerMessage: perMessage,
    anonymousShare: 0,
    identifyShare: 0,
  });
  if (size === 0 && passShare === 1) return () => generator.message();
  let count = 0;
  return () => {
    const { subject, events } = generator.message();
    const texts = events.map(({ event }) => {
      // The golden ratio spreads the selected ones evenly.
      const type = (count++ * 0.618_033_988_749_895) % 1 < passShare ? selectedType : event['event_type'];
      return padded({ ...event, event_type: type }, size);
    });
    const [first = ''] = texts;
    if (perMessage > 1) return { subject, payload: `[${texts.join(',')}]` };
    return { subject: subjectOf((JSON.parse(first) as { event_type: string }).event_type), payload: first };
  };
}

function padded(event: Readonly<Record<string, unknown>>, size: number): string {
  const json = JSON.stringify(event);
  const missing = size - Buffer.byteLength(json) - ',"library_note":""'.length;
  return missing <= 0 ? json : `${json.slice(0, -1)},"library_note":"${'x'.repeat(missing)}"}`;
}
