import type { OperatorFunction } from 'rxjs';
import type { UpdateEntry, UserUpdate } from '../core/entry.ts';
import { type AmplitudeEvent, isRecord } from '../core/event.ts';
import { fork } from '../core/fork.ts';
import { discarded, Envelope, filtered, type Message, type Outcome, type Replay, returned } from '../core/message.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { identifierKey, userKeyOf } from './key.ts';
import { load } from './load.ts';
import type { Position } from './position.ts';
import { isRelevant } from './relevance.ts';
import type { Selection } from './selection.ts';
import { type State, withUnsent } from './state.ts';
import { step, type Step } from './step.ts';
import type { Change, ProfileStore } from './store.ts';
import { sentBefore } from './changes.ts';

export interface FollowOptions {
  readonly selection: Selection;
  readonly store: ProfileStore<State>;
  /** Whether changes are sent; otherwise the states are only kept, for events that need them. */
  readonly send: boolean;
  /** Whether updates tell when their states are written, for a destination that is asked after a crash what it has. */
  readonly tellsWritten: boolean;
  /** The identifier, where the event itself holds it. */
  readonly identifierOf: (event: AmplitudeEvent) => string | undefined;
  readonly positionOf: (envelope: Envelope<unknown>) => Position;
  readonly encodeUpdate: (update: UserUpdate, storedAt: number) => UpdateEntry;
  readonly telemetry: Telemetry;
}

/** An event, and what it changes of its user. */
export interface Followed {
  /** The event with the user properties that the sync reads, also those that only the user's state holds. */
  readonly event: Envelope<AmplitudeEvent>;
  /** Settling it writes the user's state first. */
  readonly update: Envelope<UpdateEntry> | undefined;
}

/**
 * Follows users through their events, in order: what each event changes of its user becomes an update. A state is
 * written after the destination accepted the update, and before the event is settled.
 */
export function followUsers(options: FollowOptions): OperatorFunction<Envelope<AmplitudeEvent>, Followed> {
  return load({
    keyOf: ({ value }: Envelope<AmplitudeEvent>) => keyOf(value, options),
    load: (key: string) => options.store.load(key),
    // What came of those that were handed out before is known to the destination, or all of it: see `UserUpdate.before`.
    inOneGo: ({ message }) => message.redelivered,
    take: (envelope, key) => follow(envelope, key, options),
  });
}

/**
 * Which state an event needs; undefined if it needs none. A user is who the destination takes for one, so states go by
 * the identifier, unless that is itself a part of the state or the event has none.
 */
function keyOf(event: AmplitudeEvent, { selection, identifierOf }: FollowOptions): string | undefined {
  if (selection.reads.length === 0 && !isRelevant(event, selection)) return undefined;
  const identifier = selection.identifier === undefined ? identifierOf(event) : undefined;
  return identifier === undefined ? userKeyOf(event) : identifierKey(identifier);
}

function follow(
  envelope: Envelope<AmplitudeEvent>,
  key: string | undefined,
  options: FollowOptions,
): Followed | undefined {
  const { selection, store, positionOf, telemetry } = options;
  if (key === undefined) return { event: envelope, update: undefined };
  const stored = store.peek(key);
  if (stored === undefined) {
    // The engine stopped before the state could be read.
    envelope.settle(returned);
    return undefined;
  }
  const before = stored ?? undefined;
  if (before !== undefined && envelope.message.replay?.accepted === 'update') {
    return { event: envelope.with(withKept(envelope.value, before, selection)), update: undefined };
  }
  const result = step(before, envelope.value, positionOf(envelope), selection);
  for (const { why } of result.reports) telemetry.valueReported(why);

  const { state } = result;
  const event = state === undefined ? envelope.value : withKept(envelope.value, state, selection);
  if (state === undefined || state === before) {
    if (options.send && result.kind === 'unchanged') telemetry.userUnchanged();
    return { event: event === envelope.value ? envelope : envelope.with(event), update: undefined };
  }
  const [ofUser, ofEvent] = fork(envelope);
  const written = options.tellsWritten ? Promise.withResolvers<void>() : undefined;
  const change = { before, ahead: store.set(key, state), ofUser, result, written };
  return { event: ofEvent.with(event), update: updateOf(change, envelope.value, options) };
}

/** A state that is ahead of what is written, and the part of its event that waits for it. */
interface Pending {
  readonly before: State | undefined;
  readonly ahead: Change<State>;
  readonly ofUser: Envelope<unknown>;
  readonly result: Step;
  readonly written: PromiseWithResolvers<void> | undefined;
}

/** The entry that tells of a change; undefined if the destination is told nothing, and the state is just written. */
function updateOf(change: Pending, event: AmplitudeEvent, options: FollowOptions): Envelope<UpdateEntry> | undefined {
  const { selection, send, identifierOf, encodeUpdate, telemetry } = options;
  const { attributes, kind } = change.result;
  if (!send || (attributes === undefined && kind !== 'unidentified')) {
    if (send) telemetry.userUnchanged();
    void settle(change, filtered, options);
    return undefined;
  }
  const identifier = selection.identifier === undefined ? identifierOf(event) : change.result.identifier;
  if (identifier === undefined || attributes === undefined) {
    void settle(change, discarded('unresolved_identifier', 'the user has changed, and has no identifier'), options);
    return undefined;
  }
  telemetry.userUpdated(Object.keys(attributes).length);
  const { redelivered, storedAt } = change.ofUser.message;
  const before = redelivered ? { before: sentBefore(selection, change.before?.values, attributes) } : {};
  const written = change.written && { written: change.written.promise };
  const entry = encodeUpdate({ identifier, attributes, ...before, ...written }, storedAt);
  return new Envelope(entry, new Committing(change, options), 0);
}

/** Settles the part of the event that waits for the state, once the state is written. */
async function settle(change: Pending, outcome: Outcome, { store }: FollowOptions): Promise<void> {
  const { ahead, ofUser, result } = change;
  // What Braze did not get in time goes along with the next update; what it refused would be refused again.
  const isOwed = outcome.kind === 'discarded' && outcome.reason === 'expired';
  const { attributes = {} } = result;
  const isWritten = await store.commit(ahead, isOwed ? (state) => withUnsent(state, attributes) : undefined);
  ofUser.settle(isWritten ? outcome : returned);
  change.written?.resolve();
}

/** The duty of an update: its state is written before its event is settled. */
class Committing implements Message {
  readonly #change: Pending;
  readonly #options: FollowOptions;

  constructor(change: Pending, options: FollowOptions) {
    this.#change = change;
    this.#options = options;
  }

  get payload(): Uint8Array {
    return this.#change.ofUser.message.payload;
  }

  get storedAt(): number {
    return this.#change.ofUser.message.storedAt;
  }

  get sequence(): number {
    return this.#change.ofUser.message.sequence;
  }

  get redelivered(): boolean {
    return this.#change.ofUser.message.redelivered;
  }

  get replay(): Replay | undefined {
    return this.#change.ofUser.message.replay;
  }

  expect(): void {
    throw new Error('an update holds no events');
  }

  settle(outcome: Outcome): void {
    if (outcome.kind === 'returned') {
      this.#options.store.giveUp(this.#change.ahead);
      this.#change.ofUser.settle(outcome);
      this.#change.written?.resolve();
    } else {
      void settle(this.#change, outcome, this.#options);
    }
  }
}

/** The event as it was, and beside its user properties those that the state keeps and the event does not name. */
function withKept(event: AmplitudeEvent, { values }: State, { slots, reads }: Selection): AmplitudeEvent {
  if (reads.length === 0) return event;
  const properties = event['user_properties'];
  const named = isRecord(properties) ? properties : {};
  const missing = reads.filter(
    (index) => values[index] !== undefined && !Object.hasOwn(named, slots[index]?.name ?? ''),
  );
  if (missing.length === 0) return event;
  const kept = Object.fromEntries(missing.map((index) => [slots[index]?.name ?? '', values[index]]));
  return { ...event, user_properties: { ...kept, ...named } };
}
