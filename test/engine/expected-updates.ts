/** What Send Users owes a destination for generated events, by a plain model of its own. */
import { isDeepStrictEqual } from 'node:util';
import type { GeneratedEvent } from '../../src/generator/index.ts';
import type { RequestSeen } from '../../src/simulator/simulator.ts';

export type Values = Readonly<Record<string, unknown>>;

export interface Expected {
  /** The updates of each user, oldest first: what changed, by name; null for what is gone. */
  readonly updates: ReadonlyMap<string, readonly Values[]>;
  /** What each user has in the end. */
  readonly users: ReadonlyMap<string, Values>;
  /** How many updates there are, and how many values in them. */
  readonly count: number;
  readonly values: number;
}

/** The generator says what a user has after each event: the updates are where that differs from what they had before. */
export function expectedOf(events: readonly GeneratedEvent[], properties: readonly string[]): Expected {
  const users = new Map<string, Values>();
  const updates = new Map<string, Values[]>();
  let [count, values] = [0, 0];
  for (const { event, properties: all } of events) {
    const user = event['user_id'];
    if (typeof user !== 'string' || event['event_type'] === '$groupidentify') continue;
    const before = users.get(user) ?? {};
    const after = Object.fromEntries(properties.flatMap((name) => (name in all ? [[name, all[name]]] : [])));
    const changed = properties.filter((name) => !isDeepStrictEqual(before[name], after[name]));
    users.set(user, after);
    if (changed.length === 0) continue;
    const update = Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
    updates.set(user, [...(updates.get(user) ?? []), update]);
    count++;
    values += changed.length;
  }
  return { updates, users, count, values };
}

/**
 * What is wrong with the attributes that a destination accepted; nothing if each object that it was sent is the next
 * update of its user, or the next few of them merged, and in the end none is left. So no value is missing but those that
 * a later one in the same request replaced, and none is sent twice, with one exception: of updates that together led a
 * user back to what they had, and were merged into one object, nobody can tell whether it arrived.
 */
export function faultsIn(requests: readonly RequestSeen[], { updates }: Expected): readonly string[] {
  const faults: string[] = [];
  /** By user, how many updates may have been sent: more than one number where values go and come back. */
  const sent = new Map<string, readonly number[]>();
  for (const { body, accepted } of requests) {
    // Accepted, be it that nobody was there any more to be told so.
    if (accepted.attributes === 0) continue;
    for (const { external_id: user, ...attributes } of attributesIn(body)) {
      const own = updates.get(user) ?? [];
      const places = sent.get(user) ?? [0];
      const inTurn = places.flatMap((from) => endsOf(own, from, attributes));
      const again = places.flatMap((to) => startsOfReturns(own, to)).flatMap((from) => endsOf(own, from, attributes));
      const next = new Set(inTurn.length > 0 ? inTurn : again);
      if (next.size === 0) faults.push(`${user} was sent ${JSON.stringify(attributes)}, which is not what was next`);
      else sent.set(user, [...next]);
    }
  }
  for (const [user, { length }] of updates) {
    if (!(sent.get(user) ?? [0]).includes(length)) faults.push(`${user} was not sent the last of ${length} updates`);
  }
  return faults;
}

/** After which updates the ones from `from` on, merged, are this object. */
function endsOf(updates: readonly Values[], from: number, object: Values): readonly number[] {
  const ends: number[] = [];
  let merged: Values = {};
  for (let end = from; end < updates.length; end++) {
    merged = { ...merged, ...updates[end] };
    if (Object.keys(merged).some((name) => !(name in object))) break;
    if (isDeepStrictEqual(merged, object)) ends.push(end + 1);
  }
  return ends;
}

/** From where on two or more updates, up to `to`, led back to the values that the user had before them. */
function startsOfReturns(updates: readonly Values[], to: number): readonly number[] {
  const starts: number[] = [];
  for (let from = to - 2; from >= 0; from--) {
    const before: Values = Object.assign({}, ...updates.slice(0, from));
    const changed: Values = Object.assign({}, ...updates.slice(from, to));
    if (Object.entries(changed).every(([name, value]) => isDeepStrictEqual(value, before[name] ?? null)))
      starts.push(from);
  }
  return starts;
}

function attributesIn(body: unknown): readonly ({ readonly external_id: string } & Values)[] {
  return (body as { attributes?: ({ external_id: string } & Values)[] }).attributes ?? [];
}
