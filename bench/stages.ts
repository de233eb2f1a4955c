/** Which stage of the trip of an event a sample of a CPU profile belongs to. */

/** What `node --cpu-prof` writes. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node in which each sample found the thread. */
  readonly samples: readonly number[];
  /** The time before each sample, in microseconds. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** A frame belongs to the first stage whose place is in its file, and in its function if one is named. Translated or not. */
interface Stage {
  readonly name: string;
  readonly places: readonly (readonly [file: string, functions?: string])[];
}

const idle = 'idle';
const start = 'start';
const rest = 'the rest, Node.js itself';

/** In the order of the trip. A function is looked for from the leaf to the root of a stack, so the innermost counts. */
const stages: readonly Stage[] = [
  { name: idle, places: [['', '(idle)']] },
  { name: 'collecting garbage', places: [['', '(garbage collector)']] },
  {
    name: 'consume: NATS client and source',
    places: [
      ['/sources/jetstream/source.', '#receive'],
      ['/sources/jetstream/pull.'],
      ['/sources/jetstream/delivery.'],
      ['/@nats-io/nats-core/lib/parser.js'],
      ['/@nats-io/nats-core/lib/protocol.js', 'processMsg'],
      ['/@nats-io/transport-node/', 'iterate'],
    ],
  },
  {
    name: 'read: text and JSON',
    places: [
      ['/operators/payload-reader.'],
      ['/core/json-'],
      ['/operators/parse-together.'],
      ['/operators/parts.', 'parsePayload'],
    ],
  },
  { name: 'filter', places: [['/operators/filter.'], ['/jsonata/']] },
  { name: 'identify', places: [['/operators/identify.']] },
  { name: 'project', places: [['/operators/project.']] },
  { name: 'encode', places: [['/operators/encode.'], ['/sinks/braze/request.']] },
  { name: 'follow users', places: [['/profiles/']] },
  { name: 'batch', places: [['/operators/batch.'], ['/bufferTime.js']] },
  { name: 'deliver: order and packing', places: [['/operators/deliver.', 'pump'], ['/operators/pack.']] },
  { name: 'write the body', places: [['/sinks/braze/body.']] },
  { name: 'HTTP', places: [['/sinks/'], ['/undici/'], ['undici'], ['node:internal/deps/undici']] },
  {
    name: 'ack: and writing to the socket',
    places: [
      ['/stream-message.', 'answer'],
      ['/@nats-io/nats-core/lib/protocol.js', 'flushPending'],
      ['/@nats-io/transport-node/', 'send'],
    ],
  },
  {
    name: 'settle: counts, credits, books',
    places: [
      ['/stream-message.', 'settle'],
      ['/stream-message.', 'close'],
      ['/sources/jetstream/source.', 'settledEvent'],
      ['/sources/jetstream/source.', 'done'],
      ['/sync-metrics.'],
      ['/operators/deliver.', 'send'],
    ],
  },
  { name: 'operators between the others', places: [['/operators/'], ['/rxjs/']] },
  {
    name: start,
    places: [
      ['node:internal/modules/'],
      ['node:internal/deps/amaro'],
      ['node:internal/bootstrap/'],
      ['/zod/'],
      ['/syncs/'],
    ],
  },
  { name: rest, places: [] },
];

/** How long the thread was in each stage, in microseconds, without the time in which it waited or started. */
export function timeByStage({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<string, number> {
  const stageOf = stagesOfNodes(nodes);
  const times = new Map<string, number>(stages.map(({ name }) => [name, 0]));
  for (const [i, node] of samples.entries()) {
    const stage = stageOf.get(node) ?? rest;
    times.set(stage, (times.get(stage) ?? 0) + (timeDeltas[i] ?? 0));
  }
  times.delete(idle);
  times.delete(start);
  return times;
}

function stagesOfNodes(nodes: readonly ProfileNode[]): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const found = new Map<number, string>();
  const visit = ({ id, callFrame, children = [] }: ProfileNode, inherited: string): void => {
    const own = stages.find(({ places }) =>
      places.some(
        ([file, name]) => callFrame.url.includes(file) && (name === undefined || callFrame.functionName.endsWith(name)),
      ),
    );
    const stage = own?.name ?? inherited;
    found.set(id, stage);
    for (const child of children) {
      const node = byId.get(child);
      if (node !== undefined) visit(node, stage);
    }
  };
  const [root] = nodes;
  if (root !== undefined) visit(root, rest);
  return found;
}
