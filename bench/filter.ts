/** What a filter costs: interpreted by the reference, compiled, and written by hand, beside the parsing of the event. */
import jsonata from 'jsonata';
import { compile } from '../src/jsonata/index.ts';
import { openBench } from './command-line.ts';
import { cases, events } from './filter-cases.ts';
import { effortFlags, geometricMean, measure, type Measured } from './harness.ts';

const { flags, progress, report } = openBench(
  'filter',
  'What a filter costs: interpreted by the reference, compiled, and written by hand; ns of CPU for each event.',
  effortFlags,
);
const effort = { rounds: flags.rounds, sampleMs: flags['sample-ms'] };
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
  progress(filter);
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

const overInterpreted = rows.map(({ interpreted, compiled }) => interpreted.median / compiled.median);
const overByHand = rows.map(({ byHand, compiled }) => compiled.median / byHand.median);
report({
  tables: [
    {
      title: `ns of CPU for each of ${sample.length} events of ${averageBytes()} bytes: median (least-most)`,
      columns: ['filter', 'passes', 'interpreted', 'compiled', 'by hand', 'times', 'of hand'],
      rows: rows.map(({ filter, passes, interpreted, compiled, byHand }, i) => ({
        name: `\`${filter}\``,
        cells: [passes, interpreted, compiled, byHand, overInterpreted[i] ?? null, overByHand[i] ?? null],
      })),
    },
    {
      title: 'Beside it, ns of CPU for each event',
      columns: ['what', 'CPU'],
      rows: [parsing, erroring, together].map((measured) => ({ name: measured.name, cells: [measured] })),
    },
  ],
  reading: [
    `Compiled filters are ${geometricMean(overInterpreted).toFixed(0)} times as fast as interpreted ones (geometric mean; ` +
      `${Math.min(...overInterpreted).toFixed(0)} times at least), and take ${geometricMean(overByHand).toFixed(1)} times what code by hand does.`,
  ],
});

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

function averageBytes(): string {
  return (texts.reduce((sum, text) => sum + text.length, 0) / texts.length).toFixed(0);
}
