import { amplitudeReading, type Reading } from '../core/reading.ts';
import { identifierOf, identifierReads } from '../operators/identify.ts';
import { currentsReading } from '../sinks/amplitude/currents.ts';
import type { Sync } from './sync.ts';

/** How the events of a sync are read: for Braze those of Amplitude, for Amplitude those of Braze. */
export function readingOf({ destination, identifier: { property } }: Sync): Reading {
  if (destination.type === 'amplitude') return currentsReading(destination.names);
  const trim = destination.identifierType === 'email';
  return {
    ...amplitudeReading,
    identifiedBy: property,
    identifierOf: identifierOf(property, { trim }),
    reads: [...amplitudeReading.reads, ...identifierReads(property)],
  };
}
