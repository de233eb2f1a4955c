import type { Outcome } from './message.ts';

/**
 * What a running sync tells about itself. The parts of the engine call this; `metrics.ts` counts.
 * Nothing here names a user or holds event data.
 */
export interface Telemetry {
  /** The source handed out this many events. */
  received(events: number): void;
  /** One event was settled; `storedAt` is when the stream stored it, in milliseconds since 1970. */
  settled(outcome: Outcome, storedAt: number): void;
  /** The destination answered a request of so many objects, or the network failed it, and so many were accepted. */
  answered(status: number | 'failed', objects: number, accepted: number): void;
  /** A request is about to be sent again, and why. */
  retried(reason: RetryReason): void;
  /** The destination refuses every request for this reason, so the sync waits; null when it goes on. */
  holding(reason: string | null): void;
  /** The destination gives no usable answer for this reason, so that one request asks for all; null when it does. */
  unreachable(reason: string | null): void;
  /** An update of a user is sent, of so many attributes. */
  userUpdated(attributes: number): void;
  /** The destination took a request with so many attributes of users: of several updates of a user, those that are left. */
  attributesAccepted(attributes: number): void;
  /** So many attributes of an update were not sent again, since the destination has them. */
  attributesConfirmed(attributes: number): void;
  /** The destination could not say what it has of users, and why: what it may have is sent again. */
  confirmationFailed(detail: string): void;
  /** An event said something about its user that changes nothing for the destination. */
  userUnchanged(): void;
  /** A value of a user is not sent as the event said it, and why. */
  valueReported(why: string): void;
  /** A selected property could not be sent and was left out of its event. */
  propertyLeftOut(reason: string): void;
}

/** Why a request is sent again: asked to wait, no usable answer, refused as a whole, or refused in part. */
export type RetryReason = 'rate_limited' | 'unavailable' | 'held' | 'split';

/** Tells nobody. */
export const silent: Telemetry = {
  received: () => undefined,
  settled: () => undefined,
  answered: () => undefined,
  retried: () => undefined,
  holding: () => undefined,
  unreachable: () => undefined,
  userUpdated: () => undefined,
  attributesAccepted: () => undefined,
  attributesConfirmed: () => undefined,
  confirmationFailed: () => undefined,
  userUnchanged: () => undefined,
  valueReported: () => undefined,
  propertyLeftOut: () => undefined,
};
