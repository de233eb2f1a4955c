import { cameFromBraze } from '../core/event.ts';
import { currentsReading } from '../sinks/amplitude/currents.ts';
import type { Path } from './problems.ts';
import type { SyncFile } from './schema.ts';

/** Something about a rule that would make events go round in circles, or that is kept from it. */
interface Loop {
  readonly path: Path;
  readonly message: string;
}

/**
 * Where a rule would send events back to where they came from, and where it asks for events that are not sent because
 * of that.
 */
export function loopsOf({ destination, events }: SyncFile): readonly Loop[] {
  if (events === undefined) return [];
  if (events.echoes === 'send') return [{ path: ['events', 'echoes'], message: circles[destination.type] }];
  const isEcho = destination.type === 'braze' ? cameFromBraze : currentsReading('raw').isEcho;
  return events.select.flatMap((row, index) => {
    const named = typeof row === 'string';
    if (!isEcho({ event_type: named ? row : row.event })) return [];
    const path = ['events', 'select', index, ...(named ? [] : ['event'])];
    return [{ path, message: `is not sent: ${reasons[destination.type]}; leave it out, or set events.echoes: send` }];
  });
}

const circles = {
  braze:
    'opens a loop: what Braze has told Amplitude is sent to Braze again, which may tell Amplitude of it again; leave it ' +
    'out, or be sure that Currents sends no custom events to Amplitude',
  amplitude:
    'opens a loop: what Amplitude has sent to Braze is sent to Amplitude again, under another name; leave it out, or ' +
    'be sure that a filter keeps only what apps have sent to Braze themselves',
} as const;

const reasons = {
  braze: 'it comes from Braze, and would begin a loop',
  amplitude: 'it may come from Amplitude, and would begin a loop',
} as const;
