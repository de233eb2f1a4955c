/** What can go wrong with a request, and which requests it goes wrong with. */
import { z } from 'zod';
import { seededRandom } from './random.ts';
import type { TrackRequest } from './request.ts';

const milliseconds = z.number().nonnegative();

/** A fault: what happens to one request instead of, or besides, the answer it deserves. */
export const faultSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('status'),
      status: z.literal([500, 502, 503, 504]),
      body: z.enum(['html', 'empty']).optional(),
    })
    .describe(
      'An error of the server, or of what stands before it; nothing is processed. The body is html by default.',
    ),
  z.strictObject({ kind: z.literal('reset') }).describe('The connection is reset; nothing is processed.'),
  z
    .strictObject({ kind: z.literal('lost'), how: z.enum(['reset', 'silence']).optional() })
    .describe(
      'The request is processed and its response lost: the connection is reset (by default), or nothing comes until the client gives up.',
    ),
  z
    .strictObject({ kind: z.literal('stall') })
    .describe('Nothing happens until the simulator is told to release; then the request is processed as usual.'),
  z.strictObject({ kind: z.literal('slow'), ms: milliseconds }).describe('The request is processed and answered late.'),
  z
    .strictObject({ kind: z.literal('truncated') })
    .describe('The request is processed and the JSON of its answer stops halfway.'),
  z
    .strictObject({
      kind: z.literal('rate_limited'),
      seconds: z.number().positive().optional(),
      body: z.enum(['json', 'text']).optional(),
    })
    .describe('A 429 that asks to wait for this many seconds, 1 by default; nothing is processed.'),
  z.strictObject({ kind: z.literal('bad_request') }).describe('A 400 that names no object; nothing is processed.'),
  z.strictObject({ kind: z.literal('too_large') }).describe('A 413; nothing is processed.'),
  z
    .strictObject({ kind: z.literal('unauthorized') })
    .describe('A 401, as if the key had been revoked; nothing is processed.'),
  z
    .strictObject({ kind: z.literal('forbidden') })
    .describe('A 403, as if the key had lost its permission; nothing is processed.'),
]);

export type Fault = z.infer<typeof faultSchema>;

/** Decides on a fault for a request, or on none. */
export type FaultPlan<Request = TrackRequest> = (request: Request) => Fault | undefined;

/** A fault that befalls a part of the requests, chosen at random. */
export interface RandomFault {
  readonly fault: Fault;
  /** From 0, never, to 1, always. */
  readonly rate: number;
  readonly seed?: number;
}

/** The faults to come. Plans are asked first, then the queue, then chance. */
export class FaultScript<Request = TrackRequest> {
  #plans: FaultPlan<Request>[] = [];
  #queue: { readonly fault: Fault; times: number }[] = [];
  #random: FaultPlan<Request>[] = [];

  addPlan(plan: FaultPlan<Request>): void {
    this.#plans.push(plan);
  }

  add(fault: Fault, times: number): void {
    if (times >= 1) this.#queue.push({ fault, times });
  }

  addRandom({ fault, rate, seed = 1 }: RandomFault): void {
    const random = seededRandom(seed);
    this.#random.push(() => (random() < rate ? fault : undefined));
  }

  next(request: Request): Fault | undefined {
    return firstOf(this.#plans, request) ?? this.#fromQueue() ?? firstOf(this.#random, request);
  }

  clear(): void {
    this.#plans = [];
    this.#queue = [];
    this.#random = [];
  }

  #fromQueue(): Fault | undefined {
    const [first] = this.#queue;
    if (first === undefined) return undefined;
    if (--first.times < 1) this.#queue.shift();
    return first.fault;
  }
}

function firstOf<Request>(plans: readonly FaultPlan<Request>[], request: Request): Fault | undefined {
  for (const plan of plans) {
    const fault = plan(request);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
