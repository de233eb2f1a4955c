import type { Metrics } from '../../metrics.ts';
import type { AmplitudeCounts } from '../../simulator/amplitude/simulator.ts';
import type { CurrentsCounts } from '../../simulator/simulator.ts';

/** What came back, as a part of what `demo --both-ways --json` prints. */
export interface WayBackSummary {
  /** Events that the Braze simulator had to tell of, and those of them that the gateway took; each once. */
  readonly told: number;
  readonly taken: number;
  /** Events that the gateway was sent a second time. */
  readonly repeated: number;
  /** Messages in the stream of the gateway; each sync receives each of them. */
  readonly stored: number;
  readonly received: number;
  readonly delivered: number;
  /** Most of them are echoes: events that Amplitude has already. */
  readonly filtered: number;
  readonly discarded: number;
  readonly requests: number;
  /** What the Amplitude simulator says. */
  readonly amplitude: { readonly stored: number; readonly duplicates: number; readonly requests: number };
  /** What does not add up; empty if all is well. */
  readonly disagreements: readonly string[];
}

export interface WayBackSummaryOptions {
  readonly metrics: Metrics;
  /** The syncs to Amplitude. */
  readonly syncs: readonly string[];
  readonly currents: CurrentsCounts | undefined;
  /** How many messages the stream of the gateway holds. */
  readonly stored: number;
  readonly amplitude: AmplitudeCounts;
}

export function summariseWayBack(options: WayBackSummaryOptions): WayBackSummary {
  const { metrics, syncs, currents, stored, amplitude } = options;
  const all = syncs.map((sync) => metrics.of(sync));
  const sum = (read: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + read(one), 0);
  const figures = {
    told: currents?.made ?? 0,
    taken: currents?.sent ?? 0,
    repeated: currents?.repeated ?? 0,
    stored,
    received: sum(({ counts }) => counts.received),
    delivered: sum((one) => one.delivered),
    filtered: sum(({ counts }) => counts.filtered),
    discarded: sum((one) => one.discarded),
    requests: sum(({ counts }) => counts.requests),
    amplitude: { stored: amplitude.stored, duplicates: amplitude.duplicates, requests: amplitude.requests },
  };
  return { ...figures, disagreements: disagreementsOf(figures, syncs.length) };
}

function disagreementsOf(figures: Omit<WayBackSummary, 'disagreements'>, syncs: number): string[] {
  const { told, taken, stored, received, delivered, filtered, discarded, requests, amplitude } = figures;
  const ended = delivered + filtered + discarded;
  const had = amplitude.stored + amplitude.duplicates;
  const checks: readonly (readonly [boolean, string])[] = [
    [told === taken, `Braze had ${told} events to tell of, the gateway took ${taken}`],
    [taken === stored, `the gateway took ${taken} events, its stream holds ${stored}`],
    [received === stored * syncs, `received ${received} is not stored ${stored} for each of ${syncs} syncs`],
    [received === ended, `of ${received} received, ${ended} are delivered, filtered or discarded`],
    [delivered === had, `${delivered} were delivered, Amplitude took ${had}`],
    [requests === amplitude.requests, `${requests} requests were answered, Amplitude saw ${amplitude.requests}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, text]) => `way back: ${text}`);
}

/** The rows of the summary for a person: what, and how much. */
export function wayBackRows(summary: WayBackSummary): readonly (readonly [string, string])[] {
  const { told, repeated, stored, received, delivered, filtered, discarded, amplitude } = summary;
  const n = (value: number): string => value.toLocaleString('en-US');
  return [
    ['Currents', `${n(told)} events told, ${n(repeated)} of them twice; ${n(stored)} in the stream of the gateway`],
    [
      'way back',
      `${n(received)} received, ${n(delivered)} delivered, ${n(filtered)} filtered, ${n(discarded)} discarded`,
    ],
    [
      'Amplitude',
      `stored ${n(amplitude.stored)} events in ${n(amplitude.requests)} requests, ${n(amplitude.duplicates)} duplicates`,
    ],
  ];
}
