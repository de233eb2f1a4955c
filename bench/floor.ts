/**
 * The floor: the same job as the engine's, by hand, over the same clients, without the engine. It consumes, parses,
 * tests, picks four properties, posts batches of 75 and acks them in one loop once they are accepted. It has no order of
 * users, no retries, no dead letters and no limits; what it loses when anything fails is lost.
 *
 * It is a process that `bench/end-to-end.ts` starts by turns with the engine, translated as that is:
 *
 * node bench/floor.ts --nats URL --endpoint URL --stream EVENTS --name floor-1
 */
import { parseArgs } from 'node:util';
import { AckPolicy, DeliverPolicy, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Pool } from 'undici';

const { values: flags } = parseArgs({
  options: {
    nats: { type: 'string', default: 'nats://127.0.0.1:4222' },
    endpoint: { type: 'string', default: 'http://127.0.0.1:8080' },
    stream: { type: 'string', default: 'EVENTS' },
    name: { type: 'string', default: 'floor' },
  },
});
const batchSize = 75;
const concurrency = 16;

interface Event {
  readonly event_type: string;
  readonly event_time?: string;
  readonly time?: number;
  readonly user_id?: string | null;
  readonly platform?: unknown;
  readonly country?: unknown;
  readonly event_properties?: { readonly price?: unknown; readonly quantity?: unknown };
}

const connection = await connect({ servers: flags.nats });
const manager = await jetstreamManager(connection);
await manager.consumers.add(flags.stream, {
  durable_name: flags.name,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  max_ack_pending: 2 * batchSize * concurrency,
});
const consumer = await jetstream(connection).consumers.get(flags.stream, flags.name);
const pool = new Pool(flags.endpoint, { connections: concurrency });
const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' };

const counts = { received: 0, requests: 0, objects: 0 };
let pending = (await consumer.info()).num_pending;
let objects: unknown[] = [];
let messages: JsMsg[] = [];
let underWay = 0;
let wake: (() => void) | undefined;

if (pending > 0) {
  for await (const message of await consumer.consume({ max_messages: batchSize * concurrency })) {
    pending--;
    // A message holds an event, or a list of them.
    const decoded = message.json<Event | readonly Event[] | { readonly events: readonly Event[] }>();
    const events = Array.isArray(decoded)
      ? (decoded as Event[])
      : 'events' in decoded
        ? decoded.events
        : [decoded as Event];
    for (const event of events) {
      counts.received++;
      if (typeof event.user_id === 'string' && event.user_id !== '') objects.push(project(event, event.user_id));
    }
    messages.push(message);
    if (objects.length >= batchSize || pending === 0) {
      send(objects, messages);
      objects = [];
      messages = [];
      while (underWay >= concurrency) await answered();
    }
    if (pending === 0) break;
  }
}
while (underWay > 0) await answered();
await connection.drain();
await pool.close();

const { user, system } = process.cpuUsage();
const used = {
  uptimeMs: Math.round(process.uptime() * 1_000),
  cpuMs: Math.round((user + system) / 1_000),
  maxRssBytes: process.resourceUsage().maxRSS * 1_024,
};
console.log(JSON.stringify({ syncs: [counts], process: used }));

function project(event: Event, userId: string): unknown {
  const { price, quantity } = event.event_properties ?? {};
  return {
    external_id: userId,
    app_id: 'bench',
    name: event.event_type,
    time:
      event.event_time === undefined
        ? new Date(event.time ?? 0).toISOString()
        : `${event.event_time.slice(0, 23).replace(' ', 'T')}Z`,
    properties: { price, quantity, platform: event.platform, country: event.country },
  };
}

/** Posts in requests of 75 objects, and acks when all are accepted. */
function send(some: readonly unknown[], theirs: readonly JsMsg[]): void {
  let open = Math.ceil(some.length / batchSize);
  for (let from = 0; from < some.length; from += batchSize) {
    underWay++;
    void post(some.slice(from, from + batchSize)).then(() => {
      if (--open === 0) for (const message of theirs) message.ack();
      underWay--;
      wake?.();
    });
  }
}

async function post(some: readonly unknown[]): Promise<void> {
  const body = JSON.stringify({ events: some });
  const answer = await pool.request({ path: '/users/track', method: 'POST', headers, body });
  await answer.body.text();
  if (answer.statusCode !== 201) throw new Error(`the sink answered ${answer.statusCode}`);
  counts.requests++;
  counts.objects += some.length;
}

function answered(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  wake = resolve;
  return promise;
}
