import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/core/entry.ts';
import { discarded, type Envelope, type Outcome, returned } from '../../src/core/message.ts';
import { deliver, type DeliverOptions } from '../../src/operators/deliver.ts';
import type { RecordedEnvelope } from '../recorded-message.ts';
import { ControlledSink, delivered, entry, update } from './controlled-sink.ts';

type Order = DeliverOptions['order'];

/** What happens to a pipeline, one after the other. */
type Step =
  | {
      readonly kind: 'batch';
      readonly entries: readonly { readonly kind: Entry['kind']; readonly user: string; readonly bytes: number }[];
    }
  /** One of the requests under way is answered: the n-th, counted round. */
  | { readonly kind: 'answer'; readonly n: number };

interface Scenario {
  readonly order: Order;
  readonly concurrency: number;
  readonly maxObjects: number;
  readonly limits: { readonly entries: number; readonly bytes: number };
  readonly steps: readonly Step[];
}

/** Few users and small requests, so that users meet and requests fill. */
const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    order: fc.constantFrom<Order>('user', 'none'),
    concurrency: fc.integer({ min: 1, max: 4 }),
    maxObjects: fc.integer({ min: 1, max: 6 }),
    limits: fc.record({ entries: fc.integer({ min: 1, max: 6 }), bytes: fc.integer({ min: 20, max: 200 }) }),
    users: fc.integer({ min: 1, max: 8 }),
  })
  .chain(({ users, ...options }) => {
    const kind = fc.constantFrom<Entry['kind']>('event', 'event', 'update');
    const user = fc.integer({ min: 1, max: users }).map((number) => `user-${number}`);
    const entries = fc.array(fc.record({ kind, user, bytes: fc.integer({ min: 2, max: 40 }) }), {
      maxLength: options.maxObjects,
      size: 'max',
    });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('batch' as const), entries }),
      fc.record({ kind: fc.constant('answer' as const), n: fc.nat({ max: 3 }) }),
    );
    return fc.record({
      order: fc.constant(options.order),
      concurrency: fc.constant(options.concurrency),
      maxObjects: fc.constant(options.maxObjects),
      limits: fc.constant(options.limits),
      steps: fc.array(step, { maxLength: 40, size: 'max' }),
    });
  });

/** A pipeline that goes through a scenario, and what can be seen of it from outside. */
class Run {
  readonly sink: ControlledSink;
  readonly arrived: RecordedEnvelope<Entry>[] = [];
  /** What its requests broke, each looked at as it was written. */
  readonly faults: string[] = [];
  completed = false;
  readonly #scenario: Scenario;
  readonly #batches = new Subject<readonly Envelope<Entry>[]>();
  readonly #abort = new AbortController();
  /** So many of those that arrived shall wait no longer. */
  #due = 0;

  constructor(scenario: Scenario) {
    const { order, concurrency, maxObjects, limits } = scenario;
    this.#scenario = scenario;
    this.sink = new ControlledSink(limits);
    this.sink.onWrite = (entries) => this.faults.push(...this.#faultsOf(entries));
    this.#batches.pipe(deliver(this.sink, { order, concurrency, maxObjects, abort: this.#abort.signal })).subscribe({
      complete: () => {
        this.completed = true;
      },
      error: (error: unknown) => {
        throw error;
      },
    });
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'answer') {
      const open = [...this.sink.underWay];
      const request = open[step.n % open.length];
      request?.answer(request.entries.map(outcomeOf));
    } else {
      const envelopes = step.entries.map(({ kind, user, bytes }, index) =>
        (kind === 'event' ? entry : update)(user, String(this.arrived.length + index), bytes),
      );
      this.arrived.push(...envelopes);
      if (envelopes.length < this.#scenario.maxObjects) this.#due = this.arrived.length;
      this.#batches.next(envelopes);
    }
    await turn();
  }

  complete(): void {
    this.#batches.complete();
  }

  abort(): void {
    this.#abort.abort();
  }

  /** The entries that no request held so far. */
  get waiting(): readonly RecordedEnvelope<Entry>[] {
    const sent = new Set(this.sink.requests.flat());
    return this.arrived.filter(({ value }) => !sent.has(value.json));
  }

  /** Those that wait though nothing stands in their way. */
  get heldBack(): readonly RecordedEnvelope<Entry>[] {
    const { order, concurrency } = this.#scenario;
    const { underWay } = this.sink;
    if (underWay.size >= concurrency) return [];
    const users = new Set([...underWay].flatMap(({ entries }) => entries.map(({ user }) => user)));
    return this.waiting.filter(({ value }) => {
      const due = Number(value.json) < this.#due || underWay.size === 0;
      return due && !(order === 'user' && users.has(value.user));
    });
  }

  /** What a request breaks that is about to be written. */
  #faultsOf(entries: readonly Entry[]): readonly string[] {
    const { order, concurrency, maxObjects, limits } = this.#scenario;
    const { underWay } = this.sink;
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, entries.length - 1);
    const inFlight = new Set([...underWay].flatMap((request) => request.entries.map(({ user }) => user)));
    const overtakes = entries.some(
      ({ kind, user }, place) =>
        kind === 'update' && entries.slice(0, place).some((older) => older.kind === 'event' && older.user === user),
    );
    return [
      ...(underWay.size >= concurrency ? ['more requests under way than allowed'] : []),
      ...(entries.length === 0 ? ['an empty request'] : []),
      ...(entries.length > Math.min(maxObjects, limits.entries) ? ['more entries than allowed'] : []),
      ...(entries.length > 1 && bytes > limits.bytes ? ['more bytes than allowed'] : []),
      ...(order === 'user' && entries.some(({ user }) => inFlight.has(user)) ? ['a user in two requests'] : []),
      ...(order === 'user' && overtakes ? ['an update that Braze would apply before an older event'] : []),
    ];
  }
}

const runs = { numRuns: 300 };

/** An outcome that tells entries apart. */
function outcomeOf({ json }: Entry): Outcome {
  return Number(json) % 3 === 0 ? discarded('rejected', json, 1) : delivered;
}

/** Takes all steps, completes, and answers until nothing is under way. */
async function runToEnd(scenario: Scenario, afterEach: (run: Run) => void = () => undefined): Promise<Run> {
  const run = new Run(scenario);
  for (const step of scenario.steps) {
    await run.take(step);
    afterEach(run);
  }
  run.complete();
  while (run.sink.underWay.size > 0) {
    afterEach(run);
    await run.take({ kind: 'answer', n: 0 });
  }
  return run;
}

test('no request is too large, or one too many, or would disturb the order of a user', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      expect((await runToEnd(scenario)).faults).toEqual([]);
    }),
    runs,
  );
});

test('every entry goes into one request, is settled once by its own answer, and the pipeline completes', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const run = await runToEnd(scenario);
      expect(run.completed).toBe(true);
      expect(run.sink.requests.flat().toSorted(byNumber)).toEqual(run.arrived.map((_, index) => String(index)));
      for (const envelope of run.arrived) expect(envelope.outcome).toEqual(outcomeOf(envelope.value));
    }),
    runs,
  );
});

test('the entries of a user are sent in the order in which they came', async () => {
  const ordered = scenarios.map((scenario) => ({ ...scenario, order: 'user' as const }));
  await fc.assert(
    fc.asyncProperty(ordered, async (scenario) => {
      const { arrived, sink } = await runToEnd(scenario);
      const sent = sink.written.flatMap(({ entries }) => entries);
      for (const user of new Set(arrived.map(({ value }) => value.user))) {
        const ofUser = (entry: Entry) => entry.user === user;
        expect(sent.filter(ofUser)).toEqual(arrived.map(({ value }) => value).filter(ofUser));
      }
    }),
    runs,
  );
});

test('what is due leaves as soon as a slot and its user are free', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      await runToEnd(scenario, (run) => expect(run.heldBack.map(({ value }) => value.json)).toEqual([]));
    }),
    runs,
  );
});

test('an abort gives back all that waits, and all that comes, at once', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, fc.nat({ max: 40 }), async (scenario, at) => {
      const run = new Run(scenario);
      for (const step of scenario.steps.slice(0, at)) await run.take(step);
      const { waiting } = run;
      const written = run.sink.written.length;
      run.abort();
      for (const envelope of waiting) expect(envelope.outcome).toEqual(returned);
      for (const step of scenario.steps.slice(at)) await run.take(step);
      for (const envelope of run.waiting) expect(envelope.outcome).toEqual(returned);
      expect(run.sink.written).toHaveLength(written);
      run.complete();
      while (run.sink.underWay.size > 0) await run.take({ kind: 'answer', n: 0 });
      expect(run.completed).toBe(true);
      for (const { outcome } of run.arrived) expect(outcome).toBeDefined();
    }),
    runs,
  );
});

test('without order, full batches need no more requests than their entries fill', async () => {
  const fullBatches = scenarios.map((scenario) => ({
    ...scenario,
    order: 'none' as const,
    limits: { ...scenario.limits, bytes: 1_000 },
    steps: scenario.steps.filter((step) => step.kind === 'batch' && step.entries.length === scenario.maxObjects),
  }));
  await fc.assert(
    fc.asyncProperty(fullBatches, async (scenario) => {
      const { arrived, sink } = await runToEnd(scenario);
      const full = Math.min(scenario.maxObjects, scenario.limits.entries);
      expect(sink.written).toHaveLength(Math.ceil(arrived.length / full));
    }),
    runs,
  );
});

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}
