import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RateLimit } from '../../../src/sinks/http/rate-limit.ts';
import { Askers } from './askers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const limitArbitrary = fc.record({ requests: fc.integer({ min: 1, max: 5 }), perMs: fc.integer({ min: 1, max: 40 }) });

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), count: fc.integer({ min: 1, max: 8 }) }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ kind: fc.constant('giveUp' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 80 }) }),
    fc.record({ kind: fc.constant('tighten' as const), limit: limitArbitrary }),
  ),
  { maxLength: 25 },
);

test('no limit is ever passed, no pause broken, no order changed, and nobody is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(limitArbitrary, steps, async (limit, script) => {
      const gate = new RateLimit(limit);
      const askers = new Askers(gate);
      const limits = [{ ...limit, passedBefore: 0 }];
      let releasedLate = false;
      const pauses: { from: number; until: number }[] = [];
      for (const step of script) {
        if (step.kind === 'ask') await askers.ask(step.count);
        else if (step.kind === 'advance') await vi.advanceTimersByTimeAsync(step.ms);
        else if (step.kind === 'tighten') {
          gate.tighten(step.limit);
          limits.push({ ...step.limit, passedBefore: askers.passed.length });
        } else if (step.kind === 'pause') {
          gate.pause(step.ms);
          pauses.push({ from: performance.now(), until: performance.now() + step.ms });
        } else {
          const asker = askers.waiting[step.which % Math.max(1, askers.waiting.length)];
          asker?.abort.abort();
          await vi.advanceTimersByTimeAsync(0);
          if (asker !== undefined) releasedLate ||= asker.at !== performance.now();
        }
      }
      await vi.advanceTimersByTimeAsync(100_000);

      expect(askers.waiting).toEqual([]);
      expect(releasedLate).toBe(false);
      expect(askers.names).toEqual([...askers.names].sort((a, b) => a - b));
      const times = askers.passed.map(({ at }) => at);
      for (const { requests, perMs, passedBefore } of limits) {
        const counted = times.slice(passedBefore);
        for (const [index, at] of counted.entries()) {
          expect((counted[index + requests] ?? Infinity) - at).toBeGreaterThanOrEqual(perMs);
        }
      }
      for (const { from, until } of pauses) expect(times.filter((at) => at > from && at < until)).toEqual([]);
    }),
  );
});

test('nobody waits longer than the limit asks for, also behind those who give up', async () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 20 }),
      giveUpAfterMs: fc.option(fc.integer({ min: 1, max: 30 })),
    }),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(limitArbitrary, arrivals, async ({ requests, perMs }, asked) => {
      const askers = new Askers(new RateLimit({ requests, perMs }));
      for (const { afterMs, giveUpAfterMs } of asked) {
        await vi.advanceTimersByTimeAsync(afterMs);
        await askers.ask();
        const { abort } = askers.all.at(-1) ?? {};
        if (giveUpAfterMs !== null) setTimeout(() => abort?.abort(), giveUpAfterMs);
      }
      await vi.advanceTimersByTimeAsync(100_000);

      const expected: (readonly [name: number, at: number])[] = [];
      for (const [name, { giveUpAfterMs }] of asked.entries()) {
        const askedAt = askers.all[name]?.askedAt ?? NaN;
        const room = (expected.at(-requests)?.[1] ?? -Infinity) + perMs;
        const at = expected.length < requests ? askedAt : Math.max(askedAt, room);
        const gaveUpAt = askedAt + (giveUpAfterMs ?? Infinity);
        // At the same instant either may come first.
        if (at < gaveUpAt || (at === gaveUpAt && askers.all[name]?.passed === true)) expected.push([name, at]);
      }
      expect(askers.passed.map(({ name, at }) => [name, at])).toEqual(expected);
    }),
  );
});
