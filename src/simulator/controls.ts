/** Asking and scripting a simulator: what tests do in the process, and others by HTTP. */
import type { KeptEvent, KeptPurchase } from './activity.ts';
import type { Changes } from './changes.ts';
import type { Counts } from './counts.ts';
import type { Endpoint } from './endpoint.ts';
import type { Fault, FaultPlan, FaultScript, RandomFault } from './faults.ts';
import type { Identifier } from './identifiers.ts';
import type { InFlight, Violation } from './in-flight.ts';
import type { SimulatorSettings } from './options.ts';
import type { Profile } from './profiles.ts';
import type { RequestLog, RequestSeen } from './request-log.ts';
import type { Workspace } from './workspace.ts';

/** A user, by an `external_id` or by any identifier. */
export type UserReference = string | Identifier;

/** A profile as it is now. */
export interface ProfileView extends Omit<Profile, 'attributes' | 'revision'> {
  /** Standard fields and custom attributes alike. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a simulator can be asked and told. What it tells are copies: they do not change. */
export interface SimulatorControls {
  /** Sums over everything it saw. */
  counts(): Counts;
  /** The newest requests, in the order in which they came. */
  requests(): readonly RequestSeen[];
  /** The newest cases of two requests in flight for one user. */
  violations(): readonly Violation[];
  /** The newest events, in the order in which they were accepted. */
  acceptedEvents(): readonly KeptEvent[];
  /** The newest purchases, likewise. */
  acceptedPurchases(): readonly KeptPurchase[];
  /** A user's events, in the order in which they were applied. */
  eventsOf(user: UserReference): readonly KeptEvent[];
  /** A user's purchases, likewise. */
  purchasesOf(user: UserReference): readonly KeptPurchase[];
  /** The profile that Braze would look up. */
  profile(user: UserReference): ProfileView | undefined;
  /** Least recently updated first. */
  profiles(): readonly ProfileView[];
  /**
   * Resolves once the condition holds; it is looked at whenever something has changed.
   *
   * @throws an Error with the counts if that takes longer than `timeoutMs`, 10 seconds by default
   */
  waitFor(condition: () => boolean, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Resolves once no request is open and everything accepted was applied. */
  settled(): Promise<void>;

  /** Changes settings from the next request on. */
  set(settings: Partial<SimulatorSettings>): void;
  /** Puts a fault in the queue for the next requests, one by default. */
  failNext(fault: Fault, times?: number): void;
  /** Makes a fault befall a part of the requests from now on, after the queue. */
  failAtRandom(fault: RandomFault): void;
  /** Asks the plan about each request from now on, before the queue. */
  failBy(plan: FaultPlan): void;
  /** Ends all faults to come. */
  clearFaults(): void;
  /** Lets stalled requests go on. */
  release(): void;
  /** Makes a key unknown, or all of them. */
  revokeKey(key?: string): void;
  /** Makes a revoked key known again, or all of them. */
  restoreKey(key?: string): void;
  /** Forgets all data, the counts, and the faults to come; keys and settings stay. */
  reset(): void;
}

/** The parts that the controls reach into. */
export interface ControlledParts {
  readonly workspace: Workspace;
  readonly endpoint: Endpoint;
  readonly script: FaultScript;
  readonly log: RequestLog;
  readonly inFlight: InFlight;
  readonly changes: Changes;
}

export function controlsOf({
  workspace,
  endpoint,
  script,
  log,
  inFlight,
  changes,
}: ControlledParts): SimulatorControls {
  const { profiles, events, purchases, queue, keys } = workspace;
  const find = (user: UserReference): Profile | undefined =>
    profiles.find(typeof user === 'string' ? { kind: 'external_id', value: user } : user);
  const counts = (): Counts => structuredClone(workspace.counts);
  const waitFor = (condition: () => boolean, { timeoutMs = 10_000 } = {}): Promise<void> =>
    changes.until(condition, timeoutMs, () => `The counts are ${JSON.stringify(counts())}.`);
  return {
    counts,
    requests: () => log.requests(),
    violations: () => inFlight.violations(),
    acceptedEvents: () => events.accepted(),
    acceptedPurchases: () => purchases.accepted(),
    eventsOf(user) {
      const profile = find(user);
      return profile === undefined ? [] : events.appliedTo(profile);
    },
    purchasesOf(user) {
      const profile = find(user);
      return profile === undefined ? [] : purchases.appliedTo(profile);
    },
    profile(user) {
      const profile = find(user);
      return profile && viewOf(profile);
    },
    profiles: () => profiles.all().map(viewOf),
    waitFor,
    settled: () => waitFor(() => inFlight.size === 0 && queue.length === 0),
    set(settings) {
      workspace.settings = { ...workspace.settings, ...settings };
    },
    failNext(fault, times = 1) {
      script.add(fault, times);
    },
    failAtRandom(fault) {
      script.addRandom(fault);
    },
    failBy(plan) {
      script.addPlan(plan);
    },
    clearFaults() {
      script.clear();
    },
    release() {
      endpoint.release();
    },
    revokeKey(key) {
      keys.revoke(key);
    },
    restoreKey(key) {
      keys.restore(key);
    },
    reset() {
      workspace.clear();
      script.clear();
      log.clear();
      inFlight.clear();
      changes.announce();
    },
  };
}

function viewOf(profile: Profile): ProfileView {
  const { attributes, revision: _, ...rest } = profile;
  return { ...rest, attributes: Object.fromEntries(attributes) };
}
