/** What packing into requests, keeping the order of users and settling cost, with a sink that accepts at once. */
import { Subject } from 'rxjs';
import type { Entry } from '../src/core/entry.ts';
import { Envelope, type Message, type Outcome } from '../src/core/message.ts';
import type { Sink } from '../src/core/sink.ts';
import { deliver, type DeliverOptions } from '../src/operators/deliver.ts';
import { bodyLimits } from '../src/sinks/braze/request.ts';
import { openBench } from './command-line.ts';
import { type Contender, effortFlags, measure } from './harness.ts';
import { messagesOf } from './workload.ts';

const { flags, progress, report } = openBench(
  'deliver',
  'What packing into requests, order per user and settling cost; ns of CPU for each event.',
  {
    concurrency: { default: [1, 16, 64], help: 'requests under way at once' },
    batch: { default: 75, help: 'objects a request' },
    credits: { default: 4_800, help: 'events unsettled at once' },
    users: { default: 10_000, help: 'how many users' },
    skew: { default: 1.1, help: 'Zipf exponent of how busy they are, 0: all alike' },
    ...effortFlags,
  },
);

const next = messagesOf({ size: 0, perMessage: 1, passShare: 1, users: flags.users, skew: flags.skew });
const users = Array.from({ length: flags.credits }, () => (JSON.parse(next().payload) as { user_id: string }).user_id);
const json = `{"external_id":"${'u'.repeat(12)}","name":"Song Played","properties":{"price":9.5}}`;

const orders = ['user', 'none'] as const;
const contenders = orders.flatMap((order) => flags.concurrency.map((concurrency) => contender({ order, concurrency })));
const results = await measure(contenders, flags.credits, {
  rounds: flags.rounds,
  sampleMs: flags['sample-ms'],
  onRound: (round) => progress(`round ${round + 1}`),
});

const at = (order: number, i: number) => results[order * flags.concurrency.length + i] ?? null;
const last = flags.concurrency.length - 1;
report({
  tables: [
    {
      title: 'ns of CPU for each event: median (least-most)',
      columns: ['requests at once', 'order: user', 'order: none'],
      rows: flags.concurrency.map((concurrency, i) => ({ name: String(concurrency), cells: [at(0, i), at(1, i)] })),
    },
  ],
  reading: [
    `The order per user costs ${Math.round((at(0, last)?.median ?? 0) - (at(1, last)?.median ?? 0))} ns for each event with ${flags.concurrency[last]} requests at once.`,
  ],
});

/** As many entries as there are credits go in at once, and the next ones when these are settled. */
function contender(options: Pick<DeliverOptions, 'order' | 'concurrency'>): Contender {
  let open = 0;
  let settled = (): void => undefined;
  const message: Message = {
    payload: new Uint8Array(),
    storedAt: Date.now(),
    sequence: 1,
    redelivered: false,
    expect() {},
    settle() {
      if (--open === 0) settled();
    },
  };
  const batches: Envelope<Entry>[][] = [];
  for (let from = 0; from < users.length; from += flags.batch) {
    batches.push(
      users
        .slice(from, from + flags.batch)
        .map((user) => new Envelope({ kind: 'event', user, json, bytes: json.length, storedAt: 0 }, message, 0)),
    );
  }
  const input = new Subject<readonly Envelope<Entry>[]>();
  const sink = acceptingAtOnce();
  input.pipe(deliver(sink, { ...options, maxObjects: flags.batch, abort: new AbortController().signal })).subscribe();
  return {
    name: `${options.order}, ${options.concurrency}`,
    async run(times) {
      for (let i = 0; i < times; i++) {
        open = users.length;
        const all = new Promise<void>((resolve) => (settled = resolve));
        for (const batch of batches) input.next(batch);
        // Nothing shall wait for more to come: there is none.
        input.next([]);
        await all;
      }
      return open;
    },
  };
}

function acceptingAtOnce(): Sink {
  const delivered: Outcome = { kind: 'delivered', attempts: 1 };
  const none = (): never => {
    throw new Error('the entries are encoded already');
  };
  return {
    limits: bodyLimits,
    encode: none,
    encodeUpdate: none,
    write: (entries) => Promise.resolve(entries.map(() => delivered)),
  };
}
