/**
 * What is promised, and whether a run has kept it.
 *
 * **Nothing is lost.** Each event of the stream has one fate. One that shall arrive has arrived at least once. One that
 * cannot is in the dead letters with its reason, byte for byte as it came. One that the sync does not want is neither here
 * nor there.
 *
 * **Order of a user.** Take the events of a user in the order in which Braze applied them, and cross out each that has
 * arrived before: the others are in the order of the stream. What is crossed out comes in runs. After a kill of the engine
 * or a lost answer the engine goes back to an earlier event of the user and goes on from there in the order of the
 * stream. So the sequence steps back once for each of these at most, and never for any other reason.
 *
 * **Duplicates have a cause, and are bounded.** Each event that arrives again does so after a kill of the engine or a lost
 * answer, as `repeats.ts` has it. A kill repeats no more messages than the consumer may have unacked; an answer that is
 * lost repeats what its request held. A nats-server that dies repeats nothing.
 *
 * **Users end as they are.** An attribute has the value that the user's last event says, and sums count each event once.
 *
 * One gap is known and left out of the runs: an answer of 201 whose body breaks off cannot tell which objects were
 * refused. Its objects count as accepted.
 */
import type { KeptEvent } from '../../src/simulator/simulator.ts';
import type { Fate, PlannedMessage } from './workload.ts';
import type { StoredMessage } from './stored-messages.ts';
import type { EngineReport } from './supervisor.ts';
import { type Interruptions, type Repeats, repeatsOf, stepsBackMost } from './repeats.ts';

/** All that a run has left behind. */
export interface Remains {
  readonly planned: readonly PlannedMessage[];
  /** The stream, and that of the dead letters. */
  readonly stored: readonly StoredMessage[];
  readonly letters: readonly StoredMessage[];
  readonly accepted: readonly KeptEvent[];
  /** A user's events in the order in which they were applied. */
  readonly eventsOf: (user: string) => readonly KeptEvent[];
  readonly attributesOf: (user: string) => Readonly<Record<string, unknown>>;
  readonly consumer: { readonly num_pending: number; readonly num_ack_pending: number };
  readonly lastEngine: EngineReport | undefined;
  readonly interruptions: Interruptions;
}

export interface Judgement {
  /** Empty if all promises were kept. */
  readonly problems: readonly string[];
  readonly events: number;
  readonly arrived: number;
  readonly duplicates: number;
  /** Of the duplicates, those after a kill of the engine. */
  readonly byKills: number;
  readonly deadLetters: number;
}

export function judge(remains: Remains): Judgement {
  const events = eventsInOrder(remains);
  const arriving = events.filter(({ fate }) => fate.kind === 'arrives');
  const duplicates = remains.accepted.length - new Set(remains.accepted.map(seqOf)).size;
  const messages = new Map(events.flatMap(({ sequence, fate }) => ('seq' in fate ? [[fate.seq, sequence]] : [])));
  const repeats = repeatsOf(remains.accepted, (event) => messages.get(seqOf(event)), remains.interruptions);
  return {
    problems: [
      ...streamProblems(remains),
      ...arrivalProblems(remains, arriving),
      ...letterProblems(remains, events),
      ...orderProblems(remains, arriving),
      ...attributeProblems(remains, events),
      ...duplicateProblems(remains, repeats),
      ...endProblems(remains),
    ],
    events: events.length,
    arrived: remains.accepted.length - duplicates,
    duplicates,
    byKills: repeats.byKills,
    deadLetters: remains.letters.length,
  };
}

/** An event, where it stands in the stream. */
interface EventInStream {
  /** Its message's number. */
  readonly sequence: number;
  /** That, and its own in the message. */
  readonly place: string;
  readonly fate: Fate;
}

function eventsInOrder({ planned, stored }: Remains): readonly EventInStream[] {
  const byId = new Map(planned.map((message) => [message.id, message]));
  return stored.flatMap(({ sequence, header }) =>
    (byId.get(header('Nats-Msg-Id'))?.fates ?? []).map((fate, index) => ({
      sequence,
      place: `${sequence}/${index}`,
      fate,
    })),
  );
}

function streamProblems({ planned, stored }: Remains): readonly string[] {
  const ids = new Set(stored.map(({ header }) => header('Nats-Msg-Id')));
  if (ids.size === planned.length && stored.length === planned.length) return [];
  return [`the stream holds ${stored.length} messages, ${ids.size} different, of ${planned.length} published`];
}

function arrivalProblems({ accepted }: Remains, arriving: readonly EventInStream[]): readonly string[] {
  const came = new Set(accepted.map((event) => `${event.user} ${seqOf(event)}`));
  const due = new Map<string, string>(
    arriving.flatMap(({ place, fate }) =>
      fate.kind === 'arrives' ? [[`external_id:${fate.user} ${fate.seq}`, place] as const] : [],
    ),
  );
  return [
    ...summary(
      'lost',
      [...due].filter(([key]) => !came.has(key)).map(([key, place]) => `${key} at ${place}`),
    ),
    ...summary(
      'arrived that should not have',
      [...came].filter((key) => !due.has(key)),
    ),
  ];
}

function letterProblems({ letters }: Remains, events: readonly EventInStream[]): readonly string[] {
  const came = new Map<string, string>();
  const twice: string[] = [];
  for (const { header, payload } of letters) {
    const place = `${header('Sluice-Sequence')}/${header('Sluice-Index')}`;
    if (came.has(place)) twice.push(place);
    came.set(place, `${header('Sluice-Reason')} ${payload.toString('base64')}`);
  }
  const due = new Map(
    events.flatMap(({ place, fate }) =>
      fate.kind === 'dead' ? [[place, `${fate.reason} ${fate.payload.toString('base64')}`] as const] : [],
    ),
  );
  return [
    ...summary('dead letters are stored twice', twice),
    ...summary(
      'have no dead letter, or one of another reason or payload',
      [...due].filter(([place, what]) => came.get(place) !== what).map(([place]) => `${place}: ${came.get(place)}`),
    ),
    ...summary(
      'are dead letters and should not be',
      [...came].filter(([place]) => !due.has(place)).map(([place, what]) => `${place}: ${what}`),
    ),
  ];
}

function orderProblems({ eventsOf, interruptions }: Remains, arriving: readonly EventInStream[]): readonly string[] {
  const rank = new Map<number, number>();
  const users = new Set<string>();
  for (const { fate } of arriving) {
    if (fate.kind !== 'arrives') continue;
    rank.set(fate.seq, rank.size);
    users.add(fate.user);
  }
  const overtaken: string[] = [];
  const restless: string[] = [];
  for (const user of users) {
    const applied = eventsOf(user);
    const ranks = applied.map((event) => rank.get(seqOf(event)) ?? -1);
    const seen = new Set<number>();
    let highest = -1;
    let stepsBack = 0;
    for (const [at, one] of ranks.entries()) {
      if (at > 0 && one <= (ranks[at - 1] ?? -1)) stepsBack++;
      if (!seen.has(one) && one < highest) overtaken.push(`${user}: the event of rank ${one} came behind ${highest}`);
      seen.add(one);
      highest = Math.max(highest, one);
    }
    const most = stepsBackMost(applied, interruptions);
    if (stepsBack > most) restless.push(`${user}: ${stepsBack} steps back for ${most} interruptions`);
  }
  return [
    ...summary('events overtook one of their user', overtaken),
    ...summary('users repeat for no reason', restless),
  ];
}

function attributeProblems({ attributesOf }: Remains, events: readonly EventInStream[]): readonly string[] {
  const model = new Map<string, { level?: number; points?: number }>();
  for (const { fate } of events) {
    if (fate.kind !== 'arrives' && fate.kind !== 'updates') continue;
    const { user, says } = fate;
    if (says === undefined) continue;
    const before = model.get(user) ?? {};
    const { level, points } = says;
    model.set(user, level === undefined ? { ...before, points: (before.points ?? 0) + points } : { ...before, level });
  }
  const wrong = [...model].flatMap(([user, should]) => {
    const { level, points } = attributesOf(user);
    if (level === should.level && points === should.points) return [];
    return [`${user}: ${JSON.stringify({ level, points })} instead of ${JSON.stringify(should)}`];
  });
  return summary('users end otherwise than they are', wrong);
}

function duplicateProblems(
  { interruptions }: Remains,
  { byLostAnswers, messagesByKill, unexplained }: Repeats,
): readonly string[] {
  const { brokenLinks, unanswered, unackedMost, requestMost } = interruptions;
  const most = (unanswered.size + brokenLinks.length) * requestMost;
  return [
    ...summary('arrived again for no reason', unexplained),
    ...(byLostAnswers > most
      ? [`${byLostAnswers} events arrived again after lost answers, which explain ${most} at most`]
      : []),
    ...(messagesByKill > unackedMost
      ? [`${messagesByKill} messages arrived again after a kill, which explains ${unackedMost} at most`]
      : []),
  ];
}

function endProblems({ consumer, lastEngine }: Remains): readonly string[] {
  const { num_pending: pending, num_ack_pending: unacked } = consumer;
  const inFlight = lastEngine?.syncs.map((sync) => sync.inFlight) ?? [];
  return [
    ...(pending + unacked === 0 ? [] : [`the consumer has ${pending} messages pending and ${unacked} unacked`]),
    ...(inFlight.every((count) => count === 0) ? [] : [`the last engine ended with ${inFlight.join(', ')} in flight`]),
  ];
}

function seqOf({ properties }: KeptEvent): number {
  return Number(properties['seq']);
}

function summary(what: string, cases: readonly string[]): readonly string[] {
  if (cases.length === 0) return [];
  return [`${cases.length} ${what}: ${cases.slice(0, 5).join('; ')}${cases.length > 5 ? '; …' : ''}`];
}
