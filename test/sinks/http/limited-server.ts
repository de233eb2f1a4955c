/** A destination with a limit, and a sender that keeps to what it learns, on a clock of its own: seconds take no time. */
import { Pace } from '../../../src/sinks/http/pace.ts';

export interface LimitedServer {
  /** How many requests the destination admits in a second at this time. */
  readonly perSecond: (now: number) => number;
  /** How long the limit is counted together: in any stretch of it, or in stretches that follow each other. */
  readonly windowMs: number;
  readonly counting: 'sliding' | 'fixed';
  /** Where another sender takes its part first: how much of the limit. */
  readonly othersShare?: (now: number) => number;
}

export interface Seen {
  /** For each second: requests that were admitted, and that were not. */
  readonly admitted: number[];
  readonly refused: number[];
}

const latencyMs = 30;
const concurrency = 16;

/** What becomes of as many requests as can be sent, up to `most` a second. */
export function simulate(server: LimitedServer, seconds: number, most = 1_000): Seen {
  const pace = new Pace(server.windowMs);
  const admittedAt: number[] = [];
  const seen: Seen = {
    admitted: Array.from({ length: seconds }, () => 0),
    refused: Array.from({ length: seconds }, () => 0),
  };
  const underWay: { readonly leftAt: number; readonly answeredAt: number; readonly admitted: boolean }[] = [];
  let pausedUntil = 0;
  let credit = 0;
  for (let now = 0; now < seconds * 1_000; now++) {
    const room = (): number => {
      const since = server.counting === 'sliding' ? now - server.windowMs : now - (now % server.windowMs) - 1;
      while ((admittedAt[0] ?? Infinity) <= since) admittedAt.shift();
      const limit = (server.perSecond(now) * server.windowMs * (1 - (server.othersShare?.(now) ?? 0))) / 1_000;
      return Math.floor(limit) - admittedAt.length;
    };
    while ((underWay[0]?.answeredAt ?? Infinity) <= now) {
      const { leftAt, admitted } = underWay.shift() ?? { leftAt: 0, admitted: true };
      if (admitted) pace.admitted(now);
      else {
        pace.refused(leftAt, now);
        pausedUntil = Math.max(pausedUntil, now + 1_000);
      }
    }
    credit = Math.min(concurrency, credit + most / 1_000);
    while (credit >= 1 && underWay.length < concurrency && now >= pausedUntil && pace.roomAt(now) <= now) {
      credit--;
      pace.count(now);
      const admitted = room() > 0;
      if (admitted) admittedAt.push(now);
      const second = Math.floor(now / 1_000);
      const counts = admitted ? seen.admitted : seen.refused;
      counts[second] = (counts[second] ?? 0) + 1;
      underWay.push({ leftAt: now, answeredAt: now + latencyMs, admitted });
    }
  }
  return seen;
}

export function sum(counts: readonly number[], from = 0, to = counts.length): number {
  return counts.slice(from, to).reduce((total, count) => total + count, 0);
}
