/** What collecting into batches costs. */
import { Subject } from 'rxjs';
import { batch } from '../src/operators/batch.ts';
import { openBench } from './command-line.ts';
import { type Contender, effortFlags, measure } from './harness.ts';

const { flags, progress, report } = openBench(
  'batch',
  'What collecting into batches costs; ns of CPU for each event.',
  {
    batch: { default: [1, 10, 75, 500], help: 'objects a batch' },
    'max-wait': { default: 1_000, help: 'how long an event waits, in milliseconds' },
    ...effortFlags,
  },
);
const events = Array.from({ length: 1_000 }, (_, index) => ({ index }));

const input = new Subject<(typeof events)[number]>();
const results = await measure(
  [collecting, byHand].flatMap((make) => flags.batch.map((size) => make(size))),
  events.length,
  { rounds: flags.rounds, sampleMs: flags['sample-ms'], onRound: (round) => progress(`round ${round + 1}`) },
);
// The timers of the operators would keep the process alive.
input.complete();

const [operator, hand] = [results.slice(0, flags.batch.length), results.slice(flags.batch.length)];
const [widest, widestByHand] = [operator.at(-1), hand.at(-1)];
report({
  tables: [
    {
      title: 'ns of CPU for each event: median (least-most)',
      columns: ['objects a batch', 'bufferTime', 'an array by hand, without a timer'],
      rows: flags.batch.map((size, i) => ({ name: String(size), cells: [operator[i] ?? null, hand[i] ?? null] })),
    },
  ],
  reading: [
    `With ${flags.batch.at(-1)} objects a batch, bufferTime costs ${Math.round((widest?.median ?? 0) - (widestByHand?.median ?? 0))} ns more for each event than an array.`,
  ],
});

function collecting(size: number): Contender {
  const own = new Subject<(typeof events)[number]>();
  input.subscribe({ complete: () => own.complete() });
  let count = 0;
  own.pipe(batch({ maxWaitMs: flags['max-wait'], maxObjects: size })).subscribe((some) => (count += some.length));
  return {
    name: `bufferTime, ${size}`,
    run(times) {
      for (let i = 0; i < times; i++) for (const event of events) own.next(event);
      return count;
    },
  };
}

function byHand(size: number): Contender {
  let count = 0;
  let some: (typeof events)[number][] = [];
  return {
    name: `array, ${size}`,
    run(times) {
      for (let i = 0; i < times; i++) {
        for (const event of events) {
          some.push(event);
          if (some.length < size) continue;
          count += some.length;
          some = [];
        }
      }
      return count;
    },
  };
}
