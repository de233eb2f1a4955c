/** Send Users with `afterCrash: ask`, and the engine as a process of its own, killed at random moments. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGenerator, type GeneratedEvent } from '../../src/generator/index.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { EngineProcess } from '../engine-process.ts';

const kills = Number(process.env['KILLS'] ?? 10);
/**
 * It only grows. Of a value that goes and comes back between two writes of its user's state nobody can tell whether both
 * updates arrived or neither, and they are sent again.
 */
const properties = ['lifetime_value'];

test(`exactly the values that change are sent, through ${kills} kills`, async () => {
  await using resources = new AsyncDisposableStack();
  const nats = resources.use(await startNatsServer());
  const key = { key: 'k', permissions: ['users.track', 'users.export.ids'] };
  const simulator = resources.use(
    await startSimulator({ latencyMs: [5, 40], keys: [key], exportsPerMinute: null, seed: 1 }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'sluice-killed-users-'));
  resources.defer(() => rm(folder, { recursive: true }));
  const connection = await connectNats({ urls: [nats.url] });
  resources.defer(() => connection.close());
  const stream = await createStream(connection, 'EVENTS', ['events.>']);
  const rules = join(folder, 'killed-users.yaml');
  // One update a request: several of a user in one request become one, and fewer values are sent than change.
  await writeFile(
    rules,
    `name: killed-users
source: { start: all }
destination: { type: braze, endpoint: "${simulator.url}", apiKey: "${key.key}" }
events: { send: false }
users: { properties: [${properties.join(', ')}], afterCrash: ask }
batch: { maxWaitMs: 20, maxObjects: 1 }
delivery: { concurrency: 8 }
`,
  );
  const generator = createGenerator({ users: 300, anonymousShare: 0, seed: 1 });
  const generated = Array.from({ length: 24_000 }, () => generator.message());
  for (let start = 0; start < generated.length; start += 500) {
    const some = generated.slice(start, start + 500);
    await Promise.all(some.map(({ subject, payload }) => stream.publish(subject, payload)));
  }
  const truth = truthOf(generated.flatMap(({ events }) => events));

  const env = { NATS_URL: nats.url, SLUICE_ACK_WAIT_MS: '1500', LOG_LEVEL: 'fatal' };
  const engine = (...args: string[]) => resources.use(new EngineProcess(['--rules', rules, ...args], env));
  const accepted = (): number => simulator.counts().accepted.attributes;
  const share = truth.updates / (kills + 1);
  for (let kill = 1; kill <= kills; kill++) {
    const child = engine();
    await simulator.waitFor(() => accepted() >= share * (kill - Math.random() / 2), { timeoutMs: 60_000 });
    child.signal('SIGKILL');
    await child.ended();
    if (kill === Math.ceil(kills / 2)) await nats.restart();
  }
  const last = engine('--once', '--json');
  expect(await last.ended()).toBe(0);
  await simulator.settled();

  expect(simulator.counts().dataPoints).toBe(truth.values);
  for (const [user, own] of truth.users) {
    const sent = Object.fromEntries(properties.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
    expect(simulator.profile(user)?.attributes ?? {}).toEqual(sent);
  }
}, 300_000);

/** What a plain model says: how many values change, in how many updates, and what each user has in the end. */
function truthOf(events: readonly GeneratedEvent[]) {
  const users = new Map<string, Readonly<Record<string, unknown>>>();
  let [values, updates] = [0, 0];
  for (const { event, properties: own } of events) {
    if (event['event_type'] === '$groupidentify') continue;
    const user = String(event['user_id']);
    const before = users.get(user) ?? {};
    const changed = properties.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(own[name]));
    values += changed.length;
    updates += changed.length > 0 ? 1 : 0;
    users.set(user, Object.fromEntries(properties.map((name) => [name, own[name]])));
  }
  return { users, values, updates };
}
