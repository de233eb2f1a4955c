import type { Observable } from 'rxjs';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Pacing } from './sinks/http/pacing.ts';
import type { Timeouts, Workspaces } from './sinks/http/workspace.ts';
import type { Connection } from './sources/jetstream/consumer.ts';
import type { DeadLetterStore } from './sources/jetstream/dead-letter-store.ts';
import type { DeadLetterLimits } from './sources/jetstream/dead-letter-stream.ts';
import type { Sync } from './syncs/sync.ts';

export interface EngineOptions {
  readonly connection: Connection;
  /** All there are: those that are disabled do not run, and start from now when they do. */
  readonly syncs: readonly Sync[];
  /** The stream of what could not be delivered. */
  readonly deadLetters: string;
  /** What that stream may hold; a limit that is not stated is left as it is. */
  readonly deadLetterLimits?: DeadLetterLimits;
  /** How many servers hold what the engine makes: that stream, and users' states; 1 if not stated. */
  readonly replicas?: number;
  /** How long the end of a sync waits for what is in flight, in milliseconds. */
  readonly drainMs: number;
  readonly metrics: Metrics;
  readonly log: Log;
  /** End once nothing is pending and every message is settled, rather than wait for more. */
  readonly once?: boolean;
  /** Take nothing from the streams of the syncs: only dead letters that are to be sent again. */
  readonly replaysOnly?: boolean;
  /** How long JetStream waits for an ack or a sign of progress before it delivers a message again. */
  readonly ackWaitMs?: number;
  /** How many users' states each sync keeps at hand. */
  readonly stateCache?: number;
  /** How long to wait before a request is sent again, and for its answer; what is not stated is as fits Braze. */
  readonly pacing?: Partial<Pacing>;
  readonly timeouts?: Partial<Timeouts>;
}

/** How a sync is at the moment. */
export interface SyncHealth {
  readonly sync: string;
  /** Why it delivers nothing; null if all is well. */
  readonly trouble: string | null;
}

/** What the syncs of an engine share. */
export interface Shared extends EngineOptions {
  readonly letters: DeadLetterStore;
  readonly workspaces: Workspaces;
  /** Whether the connection to NATS stands, and each change of that. */
  readonly connected: Observable<boolean>;
  /** How many bytes each sync may have asked NATS for at once: its share of what the server holds for a connection. */
  readonly mostBytesAsked: () => number;
  /** Whether to end when nothing is pending. */
  readonly finishing: () => boolean;
}
