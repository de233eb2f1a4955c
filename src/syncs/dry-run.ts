import { lastValueFrom } from 'rxjs';
import type { Entry } from '../core/entry.ts';
import type { Outcome } from '../core/message.ts';
import type { Sink } from '../core/sink.ts';
import { silent, type Telemetry } from '../core/telemetry.ts';
import { formatOf } from '../sinks/index.ts';
import { MemorySource } from '../sources/memory.ts';
import { memoryBucket } from '../profiles/memory-bucket.ts';
import { compile } from './compile.ts';
import type { Sync } from './sync.ts';
import { needsUserStates, userStates } from './user-states.ts';

/** What a sync would do. */
export interface DryRun {
  /** The bodies of the requests, in the order in which they would be sent. */
  readonly requests: readonly string[];
  /** What became of each event, in the order in which they came. */
  readonly outcomes: readonly DryRunOutcome[];
  /** JSONata's codes of computed properties that failed and were left out of their event. */
  readonly leftOut: readonly string[];
}

export interface DryRunOutcome {
  /** Counts events over all messages, from zero. */
  readonly index: number;
  readonly outcome: Outcome['kind'];
  /** Why, if it was discarded. */
  readonly reason?: string;
  readonly detail?: string;
}

/**
 * Runs a sync over messages with no network: through the very operators that `run` uses, into a sink that accepts
 * everything at once.
 */
export async function dryRun(sync: Sync, messages: readonly Uint8Array[]): Promise<DryRun> {
  const requests: string[] = [];
  const leftOut: string[] = [];
  const format = formatOf(sync.destination);
  const sink: Sink = {
    ...format,
    write(entries: readonly Entry[]) {
      requests.push(format.body(entries));
      return Promise.resolve(entries.map((): Outcome => ({ kind: 'delivered', attempts: 1 })));
    },
  };
  const telemetry: Telemetry = { ...silent, propertyLeftOut: (code) => leftOut.push(code) };
  const never = new AbortController().signal;
  const source = new MemorySource(messages, Date.now());
  const users = userStates(sync, {
    bucket: memoryBucket(),
    cacheSize: mostEvents(messages),
    streamMadeAt: 0,
    settledThrough: () => 0,
    abort: never,
    onTrouble: () => undefined,
    onLeftOut: () => undefined,
    onFault: () => undefined,
  });
  const pipeline = compile(timeless(sync), {
    sink,
    telemetry,
    abort: never,
    ...(needsUserStates(sync) && { users }),
  });
  await lastValueFrom(pipeline(source.messages(never)), { defaultValue: undefined });
  await source.settled();

  const outcomes = source.outcomes.map(({ outcome }, index): DryRunOutcome => {
    if (outcome.kind !== 'discarded') return { index, outcome: outcome.kind };
    return { index, outcome: outcome.kind, reason: outcome.reason, detail: outcome.detail };
  });
  return { requests, outcomes, leftOut };
}

/** No event that names a user is shorter, in bytes. */
const leastEventBytes = 30;

/** More events than the messages can hold: all of them may wait for their users' states at once. */
function mostEvents(messages: readonly Uint8Array[]): number {
  return 1 + Math.ceil(messages.reduce((sum, { byteLength }) => sum + byteLength, 0) / leastEventBytes);
}

/** Batches fill by number alone and leave one after the other, so that the same messages always give the same requests. */
function timeless(sync: Sync): Sync {
  const aDay = 86_400_000;
  return { ...sync, batch: { ...sync.batch, maxWaitMs: aDay }, delivery: { ...sync.delivery, concurrency: 1 } };
}
