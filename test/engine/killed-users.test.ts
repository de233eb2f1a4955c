/** Send Users with `afterCrash: ask`, and the engine as a process of its own, killed at random moments. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createGenerator } from '../../src/generator/index.ts';
import { createRandom } from '../../src/generator/random.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { EngineProcess } from '../engine-process.ts';
import { expectedOf, faultsIn } from './expected-updates.ts';

const kills = Number(process.env['KILLS'] ?? 10);
const seed = Number(process.env['SEED'] ?? 1);
/** Some of them have few values, so that a user often becomes what they were a moment ago. */
const properties = ['plan', 'lifetime_value', 'loyalty_points', 'newsletter', 'theme'];

test.for([{ maxObjects: 1 }, { maxObjects: 75 }])(
  `exactly the values that change are sent, up to $maxObjects a request, through ${kills} kills and a restart of the server (seed ${seed})`,
  { timeout: 300_000 },
  async ({ maxObjects }) => {
    await using resources = new AsyncDisposableStack();
    const nats = resources.use(await startNatsServer());
    const key = { key: 'k', permissions: ['users.track', 'users.export.ids'] };
    const braze = { latencyMs: [5, 40] as const, exportsPerMinute: null, keepBodies: true };
    const simulator = resources.use(
      await startSimulator({ ...braze, keys: [key], keeping: { requests: 50_000 }, seed }),
    );
    const folder = await mkdtemp(join(tmpdir(), 'sluice-killed-users-'));
    resources.defer(() => rm(folder, { recursive: true }));
    const connection = await connectNats({ urls: [nats.url] });
    resources.defer(() => connection.close());
    const stream = await createStream(connection, 'EVENTS', ['events.>']);
    const rules = join(folder, 'killed-users.yaml');
    await writeFile(
      rules,
      `name: killed-users
source: { start: all }
destination: { type: braze, endpoint: "${simulator.url}", apiKey: "${key.key}" }
events: { send: false }
users: { properties: [${properties.join(', ')}], afterCrash: ask }
batch: { maxWaitMs: 20, maxObjects: ${maxObjects} }
delivery: { concurrency: 8 }
`,
    );
    const generator = createGenerator({ users: 300, anonymousShare: 0, seed });
    const generated = Array.from({ length: 12_000 }, () => generator.message());
    for (let start = 0; start < generated.length; start += 500) {
      const some = generated.slice(start, start + 500);
      await Promise.all(some.map(({ subject, payload }) => stream.publish(subject, payload)));
    }
    const expected = expectedOf(
      generated.flatMap(({ events }) => events),
      properties,
    );

    const env = { NATS_URL: nats.url, SLUICE_ACK_WAIT_MS: '1500', LOG_LEVEL: 'fatal' };
    const engine = (...args: string[]) => resources.use(new EngineProcess(['--rules', rules, ...args], env));
    const accepted = (): number => simulator.counts().accepted.attributes;
    const random = createRandom(seed);
    // Fewer objects are accepted than there are updates where several go into one.
    const share = expected.count / (kills + 1) / (maxObjects === 1 ? 1 : 3);
    for (let kill = 1; kill <= kills; kill++) {
      const child = engine();
      const enough = accepted() + 1 + random() * share;
      await simulator.waitFor(() => accepted() >= enough, { timeoutMs: 60_000 });
      child.signal('SIGKILL');
      await child.ended();
      if (kill === Math.ceil(kills / 2)) await nats.restart();
    }
    const atLastKill = accepted();
    const last = engine('--once');
    expect(await last.ended()).toBe(0);
    await simulator.settled();

    expect(accepted()).toBeGreaterThan(atLastKill);
    expect(faultsIn(simulator.requests(), expected)).toEqual([]);
    const { dataPoints } = simulator.counts();
    // One by one, all of them; where several are merged, fewer.
    expect(dataPoints).toBeLessThanOrEqual(expected.values);
    expect(dataPoints).toBeGreaterThanOrEqual(maxObjects === 1 ? expected.values : 1);
    for (const [user, own] of expected.users) expect(simulator.profile(user)?.attributes ?? {}).toEqual(own);
  },
);
