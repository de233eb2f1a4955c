import type { RecordableHistogram } from 'node:perf_hooks';
import type { Metrics } from '../../metrics.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { type WayBackSummary, wayBackRows } from './way-back-summary.ts';

/** What a demo did, as `demo --json` prints it. */
export interface Summary {
  /** Messages that were published; each sync receives each of them. */
  readonly published: number;
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  /** By reason. */
  readonly discarded: Readonly<Record<string, number>>;
  readonly inFlight: number;
  readonly requests: number;
  readonly objectsPerRequest: number;
  /** Objects that Braze accepted: an event may be one, an update of its user another. */
  readonly accepted: number;
  /** From the moment the stream stored an event until Braze accepted it. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** What the simulator says. */
  readonly simulator: {
    /** Objects: events, and attributes of users. */
    readonly accepted: number;
    readonly events: number;
    readonly attributes: number;
    readonly rejected: number;
    readonly requests: number;
  };
  /** What came back, with `--both-ways`. */
  readonly wayBack?: WayBackSummary;
  /** What does not add up; empty if all is well. */
  readonly disagreements: readonly string[];
}

export interface SummaryOptions {
  readonly metrics: Metrics;
  readonly syncs: readonly string[];
  readonly published: number;
  readonly latency: RecordableHistogram;
  readonly simulator: Simulator;
  readonly wayBack?: WayBackSummary | undefined;
}

export function summarise(options: SummaryOptions): Summary {
  const { metrics, syncs, published, latency, simulator, wayBack } = options;
  const all = syncs.map((sync) => metrics.of(sync));
  const sum = (read: (one: (typeof all)[number]) => number): number => all.reduce((total, one) => total + read(one), 0);
  const discarded: Record<string, number> = {};
  for (const { counts } of all) {
    for (const [reason, count] of Object.entries(counts.discarded))
      discarded[reason] = (discarded[reason] ?? 0) + count;
  }
  const seen = simulator.counts();
  const requests = sum(({ counts }) => counts.requests);
  const figures = {
    published,
    received: sum(({ counts }) => counts.received),
    delivered: sum((one) => one.delivered),
    filtered: sum(({ counts }) => counts.filtered),
    discarded,
    inFlight: sum((one) => one.inFlight),
    requests,
    accepted: sum(({ counts }) => counts.accepted),
    objectsPerRequest: requests === 0 ? 0 : round(sum(({ counts }) => counts.objects) / requests),
    latencyMs: { p50: latency.percentile(50), p95: latency.percentile(95), p99: latency.percentile(99) },
    simulator: {
      accepted: seen.accepted.events + seen.accepted.attributes,
      events: seen.accepted.events,
      attributes: seen.accepted.attributes,
      rejected: seen.rejected.events + seen.rejected.attributes,
      requests: seen.requests,
    },
  };
  const disagreements = [...disagreementsOf(figures, syncs.length), ...(wayBack?.disagreements ?? [])];
  return { ...figures, ...(wayBack && { wayBack }), disagreements };
}

function disagreementsOf(figures: Omit<Summary, 'disagreements'>, syncs: number): string[] {
  const { published, received, delivered, filtered, discarded, inFlight, requests, accepted, simulator } = figures;
  const allDiscarded = Object.values(discarded).reduce((total, count) => total + count, 0);
  const checks: readonly (readonly [boolean, string])[] = [
    [received === published * syncs, `received ${received} is not published ${published} for each of ${syncs} syncs`],
    [
      received === delivered + filtered + allDiscarded + inFlight,
      `received ${received} is not delivered ${delivered} + filtered ${filtered} + discarded ${allDiscarded} + in flight ${inFlight}`,
    ],
    [inFlight === 0, `${inFlight} events are still in flight`],
    [
      accepted === simulator.accepted,
      `${accepted} objects were taken for accepted, the simulator accepted ${simulator.accepted}`,
    ],
    [requests === simulator.requests, `${requests} requests were answered, the simulator saw ${simulator.requests}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, text]) => text);
}

/** The summary as lines for a person. */
export function summaryText(summary: Summary): string {
  const { latencyMs, simulator, discarded } = summary;
  const reasons = Object.entries(discarded).map(([reason, count]) => `${number(count)} ${reason}`);
  const rows: readonly (readonly [string, string])[] = [
    ['published', number(summary.published)],
    ['received', `${number(summary.received)} by all syncs together`],
    ['delivered', number(summary.delivered)],
    ['filtered', number(summary.filtered)],
    ['discarded', reasons.length === 0 ? '0' : reasons.join(', ')],
    ['in flight', number(summary.inFlight)],
    ['requests', `${number(summary.requests)} of ${summary.objectsPerRequest} objects on average`],
    ['latency', `p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms, p99 ${latencyMs.p99} ms, from stored to accepted`],
    [
      'simulator',
      `accepted ${number(simulator.events)} events and ${number(simulator.attributes)} updates of users in ${number(simulator.requests)} requests`,
    ],
    ...(summary.wayBack === undefined ? [] : wayBackRows(summary.wayBack)),
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`);
  const verdict =
    summary.disagreements.length === 0
      ? 'The sums agree: received = delivered + filtered + discarded, and the simulator accepted every object that was sent.'
      : ['The sums do NOT agree:', ...summary.disagreements.map((text) => `  ${text}`)].join('\n');
  return `${lines.join('\n')}\n${verdict}\n`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
