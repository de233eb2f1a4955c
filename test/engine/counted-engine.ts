/**
 * A process that runs the engine over a stream until nothing is left, and prints as JSON how much work that was. It runs
 * it twice: code that was not optimised yet allocates more, so only the second time counts.
 *
 * node test/engine/counted-engine.ts NATS_URL STREAM ENDPOINT
 */
import { Socket } from 'node:net';
import { getHeapStatistics, promiseHooks } from 'node:v8';
import type { NatsConnection } from '@nats-io/transport-node';
import { Engine } from '../../src/engine.ts';
import { createLog } from '../../src/log.ts';
import { Metrics } from '../../src/metrics.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { syncSchema } from '../../src/syncs/schema.ts';
import { resolveSync } from '../../src/syncs/sync.ts';

/** What a run did, counted. */
export interface Work {
  readonly events: number;
  readonly promises: number;
  /** How often a function went on behind an `await` or a `then`. */
  readonly continuations: number;
  /** On the heap of V8. */
  readonly allocatedBytes: number;
  readonly requests: number;
  readonly acks: number;
  /** Writes to the socket of NATS that carried acks. */
  readonly ackWrites: number;
}

const [natsUrl = '', stream = '', endpoint = ''] = process.argv.slice(2);
const counted = { promises: 0, continuations: 0, acks: 0, ackWrites: 0 };
countPromises();
countAckWrites();
const connection = await connectNats({ urls: [natsUrl] });
await run(connection, 'warm-up');
console.log(JSON.stringify(await run(connection, 'counted')));
await connection.close();

async function run(nats: NatsConnection, name: string): Promise<Work> {
  const rule = syncSchema.parse({
    name: `${stream}-${name}`,
    source: { stream, subjects: `${stream}.>`, start: 'all' },
    destination: { type: 'braze', endpoint, apiKey: 'key', appId: 'app' },
    events: {
      select: ['*'],
      properties: ['event_properties.price', 'event_properties.quantity', 'platform', 'country'],
    },
    delivery: { rateLimit: { requests: 100_000, perMs: 1_000 } },
  });
  const sync = resolveSync('counted.yaml', rule, '$exists($identifier)');
  const metrics = new Metrics();
  const engine = new Engine({
    connection: nats,
    syncs: [sync],
    deadLetters: `${stream}_DEAD`,
    drainMs: 10_000,
    metrics,
    log: createLog({ log: { level: 'silent', format: 'json' }, secrets: [] }),
    once: true,
  });
  const before = { ...counted, allocated: getHeapStatistics().total_allocated_bytes };
  await engine.start();
  await engine.done();
  const { received, requests } = metrics.of(sync.name).counts;
  return {
    events: received,
    promises: counted.promises - before.promises,
    continuations: counted.continuations - before.continuations,
    allocatedBytes: getHeapStatistics().total_allocated_bytes - before.allocated,
    requests,
    acks: counted.acks - before.acks,
    ackWrites: counted.ackWrites - before.ackWrites,
  };
}

function countPromises(): void {
  promiseHooks.onInit(() => {
    counted.promises++;
  });
  promiseHooks.onBefore(() => {
    counted.continuations++;
  });
}

/** The client gathers what it has to say and writes it to the socket at once: `PUB $JS.ACK.… 4\r\n+ACK\r\n`. */
function countAckWrites(): void {
  const write = Reflect.get(Socket.prototype, 'write') as (this: Socket, ...args: unknown[]) => boolean;
  Socket.prototype.write = function counting(this: Socket, ...args: unknown[]) {
    const [chunk] = args;
    const acks = chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1').split('+ACK\r\n').length - 1 : 0;
    counted.acks += acks;
    if (acks > 0) counted.ackWrites++;
    return write.apply(this, args);
  };
}
