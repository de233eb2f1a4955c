import { type Observable, type OperatorFunction, pipe } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import type { AmplitudeEvent } from '../core/event.ts';
import type { Envelope, Message } from '../core/message.ts';
import type { Sink } from '../core/sink.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { compile as compileExpression } from '../jsonata/index.ts';
import { batch } from '../operators/batch.ts';
import { decode } from '../operators/decode.ts';
import { deliver } from '../operators/deliver.ts';
import { encode } from '../operators/encode.ts';
import { filter, type SelectRow } from '../operators/filter.ts';
import { identify } from '../operators/identify.ts';
import { fuse, type InOrder } from '../operators/map-in-order.ts';
import { project, type PropertySelection } from '../operators/project.ts';
import { type Followed, followUsers } from '../profiles/follow.ts';
import { readingOf } from './reading.ts';
import { readsOf } from './reads.ts';
import type { Sync, SyncProperty } from './sync.ts';
import { together } from './together.ts';
import type { UserStates } from './user-states.ts';

/**
 * Messages in; nothing comes out, since each event is settled on the way. Completes once nothing is left to be sent; the
 * last users' states may still be on their way then, for which `Source.settled` waits.
 */
export type Pipeline = (messages: Observable<Message>) => Observable<never>;

export interface CompileOptions {
  readonly sink: Sink;
  /** What is known of users, if the sync needs it; see `needsUserStates`. */
  readonly users?: UserStates;
  readonly telemetry: Telemetry;
  /** Ends all waiting: what is not settled by then is given back. */
  readonly abort: AbortSignal;
}

/** The trip of an event through a sync. The order of the operators is read here and nowhere else. */
export function compile(sync: Sync, options: CompileOptions): Pipeline {
  const { sink, users, abort } = options;
  const events = sendEvents(sync, options);
  return (messages) =>
    messages.pipe(
      decode(users === undefined ? readsOf(sync) : undefined),
      users === undefined ? events : pipe(sendUsers(sync, users, options), together(events)),
      batch(sync.batch),
      deliver(sink, { ...sync.delivery, maxObjects: sync.batch.maxObjects, abort }),
    );
}

/** Send Events: what becomes an event of the destination. */
function sendEvents(
  sync: Sync,
  { sink, telemetry }: CompileOptions,
): InOrder<Envelope<AmplitudeEvent>, Envelope<Entry>> {
  const { events } = sync;
  const reading = readingOf(sync);
  const conditions = {
    select: events.send ? events.select.map(selectRow) : [],
    ...(events.filter === undefined ? {} : { filter: compileExpression(events.filter) }),
    ...(events.echoes === 'drop' && { isEcho: reading.isEcho }),
    identifierOf: reading.identifierOf,
  };
  return fuse(
    filter(conditions),
    identify(reading.identifiedBy, reading.identifierOf),
    project(events.properties.map(propertySelection), (code) => telemetry.propertyLeftOut(code), reading),
    encode(sink),
  );
}

/** Send Users: what becomes an update of a user, and the event with what is known of its user. */
function sendUsers(
  sync: Sync,
  users: UserStates,
  { sink, telemetry }: CompileOptions,
): OperatorFunction<Envelope<AmplitudeEvent>, Followed> {
  return followUsers({
    ...users,
    send: sync.users.send,
    tellsWritten: sync.users.afterCrash === 'ask',
    identifierOf: readingOf(sync).identifierOf,
    encodeUpdate: (update, storedAt) => sink.encodeUpdate(update, storedAt),
    telemetry,
  });
}

function selectRow({ event, where }: Sync['events']['select'][number]): SelectRow {
  return where === undefined ? { event } : { event, where: compileExpression(where) };
}

function propertySelection(property: SyncProperty): PropertySelection {
  if (property.kind === 'all') return '*';
  const { as } = property;
  return property.kind === 'reference' ? { from: property.from, as } : { expr: compileExpression(property.expr), as };
}
