/** What goes wrong in a run, and when: drawn from a seed, so that the seed repeats it. */
import { seededRandom } from '../../src/simulator/random.ts';
import type { Fault, HeaderModel } from '../../src/simulator/simulator.ts';

/** Something goes wrong, so long after the step before it on the same lane has ended. */
export interface Step<T> {
  readonly afterMs: number;
  readonly fault: T;
}

export type LinkFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'slow'; readonly ms: number; readonly forMs: number }
  | { readonly kind: 'silent'; readonly forMs: number };

/** One request fails in this way, and a part of those that follow for a while. */
export interface Burst {
  readonly fault: Fault;
  readonly rate: number;
  readonly forMs: number;
}

/** The lanes run side by side, each its steps one after the other. */
export interface Schedule {
  /** The engine is killed (SIGKILL), and started again at once. */
  readonly engine: readonly Step<'kill'>[];
  /** The nats-server is killed (SIGKILL), and started again with its store after so long. */
  readonly server: readonly Step<{ readonly downMs: number }>[];
  readonly natsLink: readonly Step<LinkFault>[];
  readonly brazeLink: readonly Step<LinkFault>[];
  readonly braze: readonly Step<Burst>[];
  /** The key is revoked, and restored after so long. */
  readonly key: readonly Step<{ readonly forMs: number }>[];
  readonly headerModel: HeaderModel;
  /** How the last engine but one ends. */
  readonly ending: 'SIGTERM' | 'SIGKILL';
}

/** Seeds that together let everything go wrong that can: `npm test` runs them. */
export const coveringSeeds = [1, 8] as const;

/** How long events are published, in milliseconds; the faults begin within this time. */
export const publishingMs = 16_000;

export function scheduleOf(seed: number): Schedule {
  const random = seededRandom(seed);
  const between = (from: number, to: number): number => Math.round(from + random() * (to - from));
  const chance = (share: number): boolean => random() < share;
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  /** Deals each of these once, in any order, before it deals one again: a run is too short to leave that to chance. */
  const deck = <T>(of: readonly T[]): (() => T) => {
    let left: T[] = [];
    return () => {
      if (left.length === 0) left = [...of];
      return left.splice(Math.floor(random() * left.length), 1)[0] as T;
    };
  };
  /** Steps until the time is up. */
  const lane = <T>(from: number, to: number, draw: () => T, lasts: (fault: T) => number): Step<T>[] => {
    const steps: Step<T>[] = [];
    for (let at = 0; ;) {
      const afterMs = between(from, to);
      const fault = draw();
      at += afterMs;
      if (at > publishingMs) return steps;
      steps.push({ afterMs, fault });
      at += lasts(fault);
    }
  };
  const linkFaults = (): (() => LinkFault) => {
    const kinds = deck(['cut', 'reset', 'slow', 'silent'] as const);
    return () => {
      const kind = kinds();
      if (kind === 'slow') return { kind, ms: between(5, 60), forMs: between(300, 1_500) };
      return kind === 'silent' ? { kind, forMs: between(300, 2_000) } : { kind };
    };
  };
  const linkLasts = (fault: LinkFault): number => ('forMs' in fault ? fault.forMs : 0);
  const brazeFault = deck<() => Fault>([
    () => ({ kind: 'status', status: one([500, 502, 503, 504] as const), body: one(['html', 'empty'] as const) }),
    () => ({ kind: 'rate_limited', seconds: between(1, 10) / 10, body: one(['json', 'text'] as const) }),
    () => ({ kind: 'lost', how: 'reset' }),
    () => ({ kind: 'lost', how: 'reset' }),
    () => ({ kind: 'reset' }),
    () => ({ kind: 'slow', ms: between(50, 600) }),
    () => ({ kind: 'truncated' }),
    () => ({ kind: 'bad_request' }),
    () => ({ kind: 'too_large' }),
  ]);
  const burst = (): Burst => ({ fault: brazeFault()(), rate: between(20, 100) / 100, forMs: between(100, 800) });
  return {
    engine: lane(
      4_000,
      7_000,
      () => 'kill' as const,
      () => 0,
    ),
    server: chance(0.7) ? [{ afterMs: between(2_000, 12_000), fault: { downMs: between(0, 1_200) } }] : [],
    // The client takes up to two seconds to connect again; in between something shall happen.
    natsLink: lane(2_500, 5_000, linkFaults(), linkLasts),
    brazeLink: lane(1_000, 4_000, linkFaults(), linkLasts),
    braze: lane(50, 500, burst, ({ forMs }) => forMs),
    // A sync that is held asks again after ten seconds, so not every run has it.
    key: chance(0.25) ? [{ afterMs: between(2_000, 8_000), fault: { forMs: between(200, 1_500) } }] : [],
    headerModel: one(['epoch', 'mau'] as const),
    ending: one(['SIGTERM', 'SIGKILL'] as const),
  };
}
