/**
 * What a filter costs: interpreted by the reference, compiled, and written by hand, beside the parsing of the event.
 *
 * node bench/filter.ts [--quick] [--json]
 */
import { parseArgs } from 'node:util';
import jsonata from 'jsonata';
import { compile } from '../src/jsonata/index.ts';
import { cases, events } from './filter-cases.ts';
import { geometricMean, machine, measure, type Measured } from './harness.ts';

const { values: flags } = parseArgs({
  options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
});
const effort = flags.quick ? { rounds: 3, sampleMs: 8 } : { rounds: 11, sampleMs: 25 };
const sample = events(1_000);
const texts = sample.map((event) => Buffer.from(JSON.stringify(event)));

interface Row {
  readonly filter: string;
  readonly passes: number;
  readonly interpreted: Measured;
  readonly compiled: Measured;
  readonly byHand: Measured;
}

const rows: Row[] = [];
for (const { filter, byHand } of cases) {
  const reference = jsonata(`$boolean(${filter})`);
  const compiled = compile(filter);
  let passes = 0;
  for (const event of sample) {
    const expected = (await reference.evaluate(event)) === true;
    const answers = [compiled.test(event), byHand(event)];
    if (answers.some((answer) => answer !== expected))
      throw new Error(`${filter}: ${JSON.stringify(answers)} is not ${expected}`);
    if (expected) passes++;
  }
  const interpreted = jsonata(filter);
  const [first, second, third] = await measure(
    [
      {
        name: 'interpreted',
        run: async (times) => {
          let count = 0;
          for (let i = 0; i < times; i++) for (const event of sample) if (await interpreted.evaluate(event)) count++;
          return count;
        },
      },
      counting('compiled', (event) => compiled.test(event) === true),
      counting('by hand', byHand),
    ],
    sample.length,
    effort,
  );
  if (first && second && third) rows.push({ filter, passes, interpreted: first, compiled: second, byHand: third });
}

const failing = compile('event_properties.revenue > 100');
const ten = cases.slice(0, 10).map(({ filter }) => compile(filter));
const strings = sample.map((event) => ({ ...event, event_properties: { revenue: '100.5' } }));
const [parsing, erroring, together] = await measure(
  [
    {
      name: 'JSON.parse',
      run: (times) => {
        let count = 0;
        for (let i = 0; i < times; i++)
          for (const text of texts) if ((JSON.parse(text.toString()) as { time: number }).time > 0) count++;
        return count;
      },
    },
    {
      name: 'a filter that fails on each event',
      run: (times) => {
        let count = 0;
        for (let i = 0; i < times; i++)
          for (const event of strings) if (typeof failing.test(event) === 'object') count++;
        return count;
      },
    },
    counting('ten filters', (event) => ten.filter((expression) => expression.test(event) === true).length > 3),
  ],
  sample.length,
  effort,
);
if (!parsing || !erroring || !together) throw new Error('nothing was measured');

const summary = {
  overInterpreted: geometricMean(rows.map(({ interpreted, compiled }) => interpreted.median / compiled.median)),
  leastOverInterpreted: Math.min(...rows.map(({ interpreted, compiled }) => interpreted.median / compiled.median)),
  overByHand: geometricMean(rows.map(({ byHand, compiled }) => compiled.median / byHand.median)),
};
if (flags.json) {
  console.log(JSON.stringify({ machine: machine(), rows, parsing, erroring, together, ...summary }));
} else {
  const { cpu, cores, node, v8 } = machine();
  console.log(
    `${cpu}, ${cores} cores, Node ${node}, V8 ${v8}; jsonata 2.2.2; ${sample.length} events, ${average()} bytes`,
  );
  console.log(`ns of CPU for each event: median of ${effort.rounds} rounds (least-most)\n`);
  console.log(['interpreted', 'compiled', 'by hand', 'times', 'of hand'].map((head) => head.padStart(20)).join(''));
  for (const { filter, passes, interpreted, compiled, byHand } of rows) {
    const times = (interpreted.median / compiled.median).toFixed(0);
    const ofHand = (compiled.median / byHand.median).toFixed(1);
    const cells = [shown(interpreted), shown(compiled), shown(byHand), `${times}x`, `${ofHand}x`];
    console.log(`${cells.map((cell) => cell.padStart(20)).join('')}  ${filter} (passes ${passes})`);
  }
  for (const measured of [parsing, erroring, together]) console.log(`\n${measured.name}: ${shown(measured)} ns`);
  console.log(`\ncompiled is ${summary.overInterpreted.toFixed(1)} times as fast as interpreted (geometric mean),`);
  console.log(
    `${summary.leastOverInterpreted.toFixed(1)} times at least, and takes ${summary.overByHand.toFixed(2)} times what code by hand does`,
  );
}

function counting(
  name: string,
  test: (event: (typeof sample)[number]) => boolean,
): Parameters<typeof measure>[0][number] {
  return {
    name,
    run: (times) => {
      let count = 0;
      for (let i = 0; i < times; i++)
        for (let k = 0; k < sample.length; k++) if (test(sample[k] as (typeof sample)[number])) count++;
      return count;
    },
  };
}

function shown({ median, least, most }: Measured): string {
  return `${median.toFixed(0)} (${least.toFixed(0)}-${most.toFixed(0)})`;
}

function average(): string {
  return (texts.reduce((sum, text) => sum + text.length, 0) / texts.length).toFixed(0);
}
