import type { FieldPath } from '../core/reading.ts';
import { readsOf as expressionReads } from '../jsonata/index.ts';
import { referenceReads } from '../operators/project.ts';
import { readingOf } from './reading.ts';
import type { Sync } from './sync.ts';

/**
 * Which fields of events a sync reads for what it sends of them; undefined if it can be all. What it knows of users is
 * not part of that.
 */
export function readsOf(sync: Sync): readonly FieldPath[] | undefined {
  const { select, filter, properties } = sync.events;
  const reads = [
    readingOf(sync).reads,
    ...[...select.map(({ where }) => where), filter].filter((text) => text !== undefined).map(expressionReads),
    ...properties.map(propertyReads),
  ];
  return reads.includes(undefined) ? undefined : reads.flatMap((paths) => paths ?? []);
}

function propertyReads(property: Sync['events']['properties'][number]): readonly FieldPath[] | undefined {
  if (property.kind === 'all') return undefined;
  return property.kind === 'reference' ? referenceReads(property.from) : expressionReads(property.expr);
}
