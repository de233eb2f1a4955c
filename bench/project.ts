/** What it costs to pick and to serialise the properties of an event, beside the same by hand. */
import { type OperatorFunction, pipe, Subject } from 'rxjs';
import { Envelope, type Message } from '../src/core/message.ts';
import { compile } from '../src/jsonata/index.ts';
import { encode } from '../src/operators/encode.ts';
import type { Identified } from '../src/operators/identify.ts';
import { project, type PropertySelection } from '../src/operators/project.ts';
import { encodeEvent } from '../src/sinks/braze/request.ts';
import { openBench } from './command-line.ts';
import { type Contender, effortFlags, measure } from './harness.ts';
import { messagesOf } from './workload.ts';

const { flags, progress, report } = openBench(
  'project',
  'What it costs to pick the properties of an event and to write it as Braze takes it; ns of CPU for each event.',
  {
    size: { default: 0, help: 'fill each event up to so many bytes' },
    ...effortFlags,
  },
);

interface ShopEvent {
  readonly user_id: string;
  readonly event_type: string;
  readonly time: number;
  readonly platform?: unknown;
  readonly country?: unknown;
  readonly event_properties?: { readonly price?: unknown; readonly quantity?: unknown };
}

const message: Message = {
  payload: new Uint8Array(),
  storedAt: Date.now(),
  sequence: 1,
  redelivered: false,
  expect() {},
  settle() {},
};
const next = messagesOf({ size: flags.size, perMessage: 1, passShare: 1, users: 300, skew: 1.1 });
const events = Array.from({ length: 1_000 }, () => JSON.parse(next().payload) as ShopEvent);
const identified = events.map(
  (event) => new Envelope({ event: event as unknown as Identified['event'], identifier: event.user_id }, message, 0),
);

const four = ['event_properties.price', 'event_properties.quantity', 'platform', 'country'];
const more =
  'device_brand device_model os_name os_version language city region carrier ip app_version session_id'.split(' ');
const serialise = encode({
  encode: encodeEvent({
    endpoint: 'https://rest.iad-01.braze.com',
    apiKey: 'bench',
    appId: 'bench',
    identifierType: 'external_id',
    updateUsersOnly: false,
  }),
});

const results = await measure(
  [
    throughOperator('one property', project(named(four.slice(0, 1)), fail)),
    throughOperator('four properties', project(named(four), fail)),
    throughOperator('fifteen properties', project(named([...four, ...more]), fail)),
    throughOperator(
      'four, one of them computed',
      project([...named(four.slice(0, 3)), { expr: compile('platform & "/" & country'), as: 'where' }], fail),
    ),
    throughOperator('four properties, and written as JSON', pipe(project(named(four), fail), serialise)),
    {
      name: 'the same by hand, with JSON.stringify',
      run(times) {
        let length = 0;
        for (let i = 0; i < times; i++) for (const event of events) length += JSON.stringify(byHand(event)).length;
        return length;
      },
    },
  ],
  events.length,
  { rounds: flags.rounds, sampleMs: flags['sample-ms'], onRound: (round) => progress(`round ${round + 1}`) },
);

const [, , , , whole, hand] = results;
report({
  tables: [
    {
      title: 'ns of CPU for each event: median (least-most)',
      columns: ['what', 'CPU'],
      rows: results.map((measured) => ({ name: measured.name, cells: [measured] })),
    },
  ],
  reading: [
    `To pick four properties and write the event costs ${((whole?.median ?? 0) / (hand?.median ?? 1)).toFixed(2)} times what code by hand does.`,
  ],
});

/** All events through an operator that stays subscribed, as in a running sync. */
function throughOperator<T>(name: string, operator: OperatorFunction<Envelope<Identified>, T>): Contender {
  const input = new Subject<Envelope<Identified>>();
  let last: T | undefined;
  let count = 0;
  input.pipe(operator).subscribe((value) => {
    last = value;
    count++;
  });
  return {
    name,
    run(times) {
      for (let i = 0; i < times; i++) for (const envelope of identified) input.next(envelope);
      return [count, last];
    },
  };
}

function named(references: readonly string[]): readonly PropertySelection[] {
  return references.map((from) => ({ from, as: from.slice(from.indexOf('.') + 1) }));
}

function byHand({ user_id, event_type, time, platform, country, event_properties }: ShopEvent): unknown {
  const { price, quantity } = event_properties ?? {};
  return {
    external_id: user_id,
    app_id: 'bench',
    name: event_type,
    time: new Date(time).toISOString(),
    properties: { price, quantity, platform, country },
  };
}

function fail(code: string): never {
  throw new Error(`a property failed: ${code}`);
}
