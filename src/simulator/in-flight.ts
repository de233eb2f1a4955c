/**
 * Finds users with two requests in flight. Braze promises no order between requests and asks for one at a time for a
 * user (https://www.braze.com/docs/api/endpoints/user_data/post_user_track#frequently-asked-questions), so a client
 * that has two in flight may see the later one applied first.
 */
import type { Socket } from 'node:net';
import { Recent } from './recent.ts';
import type { TrackRequest } from './request.ts';

/** Two requests that named the same user, the second of which came before the first was answered. */
export interface Violation {
  readonly user: string;
  readonly earlier: { readonly index: number; readonly receivedAt: number };
  readonly later: { readonly index: number; readonly receivedAt: number };
}

/** A request from the moment its body was parsed until its response was sent or its connection was gone. */
interface Flight {
  readonly request: TrackRequest;
  readonly socket: Socket;
  state: 'flying' | 'answered' | 'gone';
}

export class InFlight {
  readonly #flights = new Map<string, Flight[]>();
  readonly #violations = new Recent<Violation>(1000);
  readonly #onViolation: () => void;
  #size = 0;

  constructor(onViolation: () => void) {
    this.#onViolation = onViolation;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes off, and answers how to land: `answered` right before the response is sent, `gone` without one. */
  enter(request: TrackRequest, socket: Socket): (state: 'answered' | 'gone') => void {
    const flight: Flight = { request, socket, state: 'flying' };
    this.#size++;
    for (const user of request.users) {
      const others = this.#flights.get(user) ?? [];
      for (const other of others) this.#suspect(user, other, flight);
      this.#flights.set(user, [...others, flight]);
    }
    return (state) => {
      if (flight.state !== 'flying') return;
      flight.state = state;
      this.#size--;
      for (const user of request.users) this.#leave(user, flight);
    };
  }

  violations(): Violation[] {
    return this.#violations.toArray();
  }

  clear(): void {
    this.#violations.clear();
  }

  #leave(user: string, flight: Flight): void {
    const others = (this.#flights.get(user) ?? []).filter((other) => other !== flight);
    if (others.length === 0) this.#flights.delete(user);
    else this.#flights.set(user, others);
  }

  /**
   * A client that gave up on the earlier request and came back is in its right. The end of its old connection is there
   * with its new request, but may be read after it: the judgement waits until all that is there was read.
   */
  #suspect(user: string, earlier: Flight, later: Flight): void {
    setImmediate(() => {
      const { socket, state } = earlier;
      if (state === 'gone' || (state === 'flying' && (socket.destroyed || socket.readableEnded))) return;
      this.#violations.push({ user, earlier: inBrief(earlier), later: inBrief(later) });
      this.#onViolation();
    });
  }
}

function inBrief({ request: { index, receivedAt } }: Flight): Violation['earlier'] {
  return { index, receivedAt };
}
