/**
 * Why an event arrived again. There are three causes: the engine was killed after Braze had accepted it, its request was
 * never answered, or the connection to Braze broke while the answer was on its way. A repetition without one of them is
 * a defect, and so is one that a nats-server that dies or a connection to NATS that breaks brings about by itself: the
 * engine knows the messages that come again.
 */
import type { KeptEvent } from '../../src/simulator/simulator.ts';

/** What may make the engine send something again. Times are milliseconds since 1970. */
export interface Interruptions {
  /** When the engine was killed. */
  readonly kills: readonly number[];
  /** When connections to Braze broke, one for each. */
  readonly brokenLinks: readonly number[];
  /** The requests that were not answered, by their index. */
  readonly unanswered: ReadonlySet<number>;
  /** Messages that a kill can repeat: as many as the server has no ack for. */
  readonly unackedMost: number;
  /** Events that a request can hold. */
  readonly requestMost: number;
}

export interface Repeats {
  /** Events, by answers that were lost, on their way or before. */
  readonly byLostAnswers: number;
  readonly byKills: number;
  /** The most messages that one kill repeated. */
  readonly messagesByKill: number;
  /** What nothing explains, in words. */
  readonly unexplained: readonly string[];
}

/**
 * What was sent before an interruption may be read after it, and be answered before the end of its connection is read.
 * An engine that is started takes longer to send anything.
 */
const lagMs = 200;

/**
 * Sorts the repetitions by their causes.
 *
 * @param messageOf the number of the message that holds an event
 */
export function repeatsOf(
  accepted: readonly KeptEvent[],
  messageOf: (event: KeptEvent) => number | undefined,
  { kills, brokenLinks, unanswered }: Interruptions,
): Repeats {
  const latest = new Map<string, KeptEvent>();
  const messages = kills.map(() => new Set<number | undefined>());
  let [byKills, byLostAnswers] = [0, 0];
  const unexplained: string[] = [];
  for (const event of accepted) {
    const name = `${event.user} ${String(event.properties['seq'])}`;
    const before = latest.get(name);
    latest.set(name, event);
    if (before === undefined) continue;
    const between = (time: number): boolean => before.acceptedAt - lagMs <= time && time <= event.acceptedAt;
    const kill = kills.findIndex(between);
    if (unanswered.has(before.request)) byLostAnswers++;
    else if (kill !== -1) {
      byKills++;
      messages[kill]?.add(messageOf(event));
    } else if (brokenLinks.some(between)) byLostAnswers++;
    else unexplained.push(`${name} in the requests ${before.request} and ${event.request}`);
  }
  return { byLostAnswers, byKills, messagesByKill: Math.max(0, ...messages.map(({ size }) => size)), unexplained };
}

/** How often a user's events can go back to an earlier one: once for each interruption that can have touched them. */
export function stepsBackMost(events: readonly KeptEvent[], { kills, brokenLinks, unanswered }: Interruptions): number {
  const lost = new Set(events.map(({ request }) => request).filter((request) => unanswered.has(request)));
  return kills.length + brokenLinks.length + lost.size;
}
