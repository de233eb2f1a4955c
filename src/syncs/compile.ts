import type { Observable } from 'rxjs';
import type { Message } from '../core/message.ts';
import type { Sink } from '../core/sink.ts';
import type { Telemetry } from '../core/telemetry.ts';
import { compile as compileExpression } from '../jsonata/index.ts';
import { batch } from '../operators/batch.ts';
import { decode } from '../operators/decode.ts';
import { deliver } from '../operators/deliver.ts';
import { encode } from '../operators/encode.ts';
import { filter, type SelectRow } from '../operators/filter.ts';
import { identifierOf, identify } from '../operators/identify.ts';
import { project, type PropertySelection } from '../operators/project.ts';
import type { Sync, SyncProperty } from './sync.ts';

/** Messages in; nothing comes out, since each event is settled on the way. Completes once all are settled. */
export type Pipeline = (messages: Observable<Message>) => Observable<never>;

export interface CompileOptions {
  readonly sink: Sink;
  readonly telemetry: Telemetry;
  /** Ends all waiting: what is not settled by then is given back. */
  readonly abort: AbortSignal;
}

/** The trip of an event through a sync. The order of the operators is read here and nowhere else. */
export function compile(sync: Sync, { sink, telemetry, abort }: CompileOptions): Pipeline {
  const { events, identifier, destination, delivery } = sync;
  const identifierOfEvent = identifierOf(identifier.property, { trim: destination.identifierType === 'email' });
  const conditions = {
    select: events.send ? events.select.map(selectRow) : [],
    ...(events.filter === undefined ? {} : { filter: compileExpression(events.filter) }),
    identifierOf: identifierOfEvent,
  };
  const selection = events.properties.map(propertySelection);

  return (messages) =>
    messages.pipe(
      decode(),
      filter(conditions),
      identify(identifier.property, identifierOfEvent),
      project(selection, (code) => telemetry.propertyLeftOut(code)),
      encode(sink),
      batch(sync.batch),
      deliver(sink, { ...delivery, maxObjects: sync.batch.maxObjects, abort }),
    );
}

function selectRow({ event, where }: Sync['events']['select'][number]): SelectRow {
  return where === undefined ? { event } : { event, where: compileExpression(where) };
}

function propertySelection(property: SyncProperty): PropertySelection {
  const { as } = property;
  return property.kind === 'reference' ? { from: property.from, as } : { expr: compileExpression(property.expr), as };
}
