/**
 * The pipeline of a sync from bytes in memory to a sink that accepts at once: what the engine costs without NATS and
 * without HTTP. Each row of the first table adds an operator, so that the differences are the operators' own.
 */
import { lastValueFrom, type Observable, type OperatorFunction, pipe } from 'rxjs';
import { type Envelope, filtered, type Message } from '../src/core/message.ts';
import { compile as compileExpression } from '../src/jsonata/index.ts';
import { Metrics } from '../src/metrics.ts';
import { decode } from '../src/operators/decode.ts';
import { encode } from '../src/operators/encode.ts';
import { filter } from '../src/operators/filter.ts';
import { identifierOf, identify } from '../src/operators/identify.ts';
import { fuse, mapInOrder } from '../src/operators/map-in-order.ts';
import { project } from '../src/operators/project.ts';
import { compile } from '../src/syncs/compile.ts';
import { readsOf } from '../src/syncs/reads.ts';
import { syncSchema } from '../src/syncs/schema.ts';
import { resolveSync, type Sync } from '../src/syncs/sync.ts';
import { acceptingSink } from './accepting-sink.ts';
import { openBench } from './command-line.ts';
import { CreditedSource } from './credited-source.ts';
import { consumed, type Contender, effortFlags, measure } from './harness.ts';
import { deliveryFlags, ruleText } from './rule.ts';
import { messagesOf, type Workload, workloadFlags, workloadOf } from './workload.ts';

const { flags, progress, report } = openBench(
  'pipeline',
  'The pipeline of a sync from bytes in memory to a sink that accepts at once; ns of CPU for each event.',
  {
    events: { default: 20_000, quick: 10_000, help: 'how many events a sample' },
    credits: { default: 4_800, help: 'events unsettled at once' },
    ...workloadFlags,
    ...deliveryFlags,
    rounds: { ...effortFlags.rounds, default: 9 },
  },
);

const given = workloadOf(flags);
const whole = 'all: compiled as a sync, batched and delivered';
const variants: readonly { readonly name: string; readonly workload: Workload }[] = [
  { name: '50 events a message', workload: { ...given, perMessage: 50 } },
  { name: '5 % of the events selected', workload: { ...given, passShare: 0.05 } },
  { name: 'events of 3,000 bytes', workload: { ...given, size: 3_000 } },
  { name: 'events of 10,000 bytes', workload: { ...given, size: 10_000 } },
];

const payloads = payloadsOf(given);
const contenders = [parsing(), ...stages().map(([name, operator]) => through(name, payloads, () => operator))];
contenders.push(throughSync(whole, given));
for (const { name, workload } of variants) contenders.push(throughSync(name, workload));
const results = await measure(contenders, flags.events, {
  rounds: flags.rounds,
  sampleMs: 1,
  onRound: (round) => progress(`round ${round + 1} of ${flags.rounds}`),
});

const split = results.findIndex(({ name }) => name === whole) + 1;
const medianOf = (index: number): number => results[index]?.median ?? Number.NaN;
report({
  tables: [
    {
      title: `ns of CPU for each event of ${bytesPerEvent(payloads)} bytes: median (least-most)`,
      columns: ['up to', 'CPU', 'of its own'],
      rows: results.slice(0, split).map((measured, i) => ({
        name: measured.name,
        cells: [measured, i === 0 ? null : Math.round(measured.median - medianOf(i - 1))],
      })),
    },
    {
      title: 'All of it, with other events: ns of CPU for each event',
      columns: ['events', 'CPU', 'of the above'],
      rows: results
        .slice(split)
        .map((measured) => ({ name: measured.name, cells: [measured, measured.median / medianOf(split - 1)] })),
    },
  ],
  reading: [
    `Of ${(medianOf(split - 1) / 1_000).toFixed(1)} µs for an event, ${(medianOf(0) / 1_000).toFixed(1)} µs are JSON.parse and making text of the bytes.`,
  ],
});

/** What nobody can do without. */
function parsing(): Contender {
  return {
    name: 'JSON.parse alone',
    run(times) {
      for (let i = 0; i < times; i++) for (const payload of payloads) consumed.last = JSON.parse(payload.toString());
    },
  };
}

/** The operators of a sync, one more each time, in the order of `syncs/compile.ts`. */
function stages(): readonly (readonly [string, OperatorFunction<Message, Envelope<unknown>>])[] {
  const sync = syncOf(given);
  const { events, identifier } = sync;
  const identifierOfEvent = identifierOf(identifier.property, { trim: false });
  const select = events.select.map(({ event }) => ({ event }));
  const named = events.properties.filter((property) => property.kind === 'reference');
  const decoding = decode(readsOf(sync));
  const filtering = filter({
    select,
    filter: compileExpression(events.filter ?? 'true'),
    identifierOf: identifierOfEvent,
  });
  const identifying = identify(identifier.property, identifierOfEvent);
  const projecting = project(named, () => undefined);
  const encoding = encode(acceptingSink(sync));
  return [
    ['decode', decoding],
    ['filter', pipe(decoding, filtering)],
    ['identify', pipe(decoding, filtering, identifying)],
    ['project', pipe(decoding, filtering, identifying, projecting)],
    ['encode', pipe(decoding, filtering, identifying, projecting, encoding)],
    ['the last four made one operator', pipe(decoding, fuse(filtering, identifying, projecting, encoding))],
  ];
}

/** Payloads through an operator; what comes out is settled at once. */
function through(
  name: string,
  some: readonly Buffer[],
  operator: () => OperatorFunction<Message, Envelope<unknown>>,
): Contender {
  const settling = mapInOrder<Envelope<unknown>, never>((envelope) => {
    consumed.last = envelope.value;
    envelope.settle(filtered);
    return undefined;
  });
  return sending(name, some, () => pipe(operator(), settling));
}

function throughSync(name: string, workload: Workload): Contender {
  const sync = syncOf(workload);
  return sending(name, payloadsOf(workload), () =>
    compile(sync, {
      sink: acceptingSink(sync),
      telemetry: new Metrics().of('bench'),
      abort: new AbortController().signal,
    }),
  );
}

function sending(
  name: string,
  some: readonly Buffer[],
  pipeline: () => (messages: Observable<Message>) => Observable<never>,
): Contender {
  return {
    name,
    async run(times) {
      for (let i = 0; i < times; i++) {
        const source = new CreditedSource({
          count: some.length,
          payload: (index) => some[index] as Buffer,
          credits: flags.credits,
        });
        await lastValueFrom(pipeline()(source.messages()), { defaultValue: undefined });
        await source.settled;
      }
    },
  };
}

function syncOf(workload: Workload): Sync {
  const text = ruleText({
    name: 'bench',
    source: { stream: 'EVENTS', subjects: 'events.>', start: 'all' },
    endpoint: 'https://rest.iad-01.braze.com',
    workload,
    delivery: flags,
    sendUsers: false,
  });
  return resolveSync('bench.yaml', syncSchema.parse(JSON.parse(text)), '$exists($identifier)');
}

function payloadsOf(workload: Workload): readonly Buffer[] {
  const next = messagesOf(workload);
  return Array.from({ length: Math.ceil(flags.events / workload.perMessage) }, () => Buffer.from(next().payload));
}

function bytesPerEvent(some: readonly Buffer[]): number {
  return Math.round(some.reduce((sum, { length }) => sum + length, 0) / flags.events);
}
