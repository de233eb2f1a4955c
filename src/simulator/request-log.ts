/** The requests that the simulator saw. */
import type { Counts } from './counts.ts';
import type { Fault } from './faults.ts';
import { noObjects, type ObjectCounts } from './objects.ts';
import { Recent } from './recent.ts';
import type { TrackRequest } from './request.ts';

/** One request to `/users/track`. */
export interface RequestSeen extends Omit<TrackRequest, 'users' | 'body'> {
  /** The status that was sent. */
  readonly status: number | undefined;
  /**
   * How it ended: with a response, by a connection that the simulator cut, or by a client that went away. `open` while
   * it has not.
   */
  readonly outcome: 'open' | 'answered' | 'reset' | 'abandoned';
  readonly fault: Fault['kind'] | undefined;
  readonly accepted: Readonly<ObjectCounts>;
  readonly rejected: Readonly<ObjectCounts>;
  /** The JSON value of the body, with the option `keepBodies`. */
  readonly body?: unknown;
}

/** A request while it is being answered. */
export type OpenRequest = { -readonly [K in keyof RequestSeen]: RequestSeen[K] };

export class RequestLog {
  readonly #requests: Recent<OpenRequest>;
  readonly #keepBodies: boolean;

  constructor(capacity: number, keepBodies: boolean) {
    this.#requests = new Recent(capacity);
    this.#keepBodies = keepBodies;
  }

  open({ index, receivedAt, bytes, objects, body }: TrackRequest, fault: Fault | undefined): OpenRequest {
    const request: OpenRequest = {
      index,
      receivedAt,
      bytes,
      objects,
      status: undefined,
      outcome: 'open',
      fault: fault?.kind,
      accepted: noObjects(),
      rejected: noObjects(),
      ...(this.#keepBodies ? { body } : {}),
    };
    this.#requests.push(request);
    return request;
  }

  /** In the order in which they came. */
  requests(): RequestSeen[] {
    return this.#requests.toArray().map((request) => ({ ...request }));
  }

  clear(): void {
    this.#requests.clear();
  }
}

/** Notes how a request ended. */
export function closeRequest(
  request: OpenRequest,
  counts: Counts,
  outcome: 'answered' | 'reset' | 'abandoned',
  status?: number,
): void {
  request.outcome = outcome;
  request.status = status;
  const key = status ?? 'none';
  counts.byStatus[key] = (counts.byStatus[key] ?? 0) + 1;
}
