/** What the engine says through all that can go wrong: never a secret, and nothing of events but when debugging. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { EngineProcess } from '../engine-process.ts';

const key = 'S3S-braze-key';
const nextKey = 'S3S-next-key';
const password = 'S3S-p@ss/word';

const login = (user: string, secret: string) => `authorization { user: ${user}, password: "${secret}" }`;

test('no secret is ever shown, whatever fails, at any level of the log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rm(folder, { recursive: true }));
  const keys = [key, nextKey].map((one) => ({ key: one, permissions: ['users.track'] }));
  const simulator = resources.use(await startSimulator({ keys, blockedExternalIds: ['S3S-blocked'] }));
  const nats = resources.use(await startNatsServer({ config: login('ada', password) }));
  const connection = await connectNats({ urls: [nats.url], user: 'ada', password });
  resources.defer(() => connection.close());
  const stream = await createStream(connection, 'EVENTS', ['events.>']);
  const publish = async (user_id: string, size: unknown = 1) => {
    const event = { event_type: 'S3S-viewed', user_id, event_properties: { size, price: 'S3S-5' } };
    await stream.publish('events.viewed', JSON.stringify(event));
  };

  const rules = join(folder, 'sync.yaml');
  const rule = (destination: string, rest = '') => `name: secrets
destination: { type: braze, endpoint: "${simulator.url}", ${destination} }
events: { select: ["*"], filter: "$number(event_properties.size) > 0", properties: [event_properties.price] }
batch: { maxWaitMs: 20 }
${rest}`;
  await writeFile(rules, rule('apiKey: "${BRAZE_API_KEY}"'));
  const url = nats.url.replace('//', `//ada:${encodeURIComponent(password)}@`);
  const env = { NATS_URL: url, BRAZE_API_KEY: key, NEXT: nextKey, LOG_LEVEL: 'trace', SLUICE_ACK_WAIT_MS: '1000' };
  const engine = resources.use(new EngineProcess(['--rules', rules], env));
  const served = await engine.url();
  const page = async (path: string) => await (await fetch(`${served}${path}`)).text();
  const told: string[] = [];

  // A key that is revoked: Braze repeats it in its answer.
  simulator.revokeKey(key);
  await publish('S3S-u1');
  await engine.said(/Braze refuses all requests/);
  told.push(await page('/readyz'), await page('/metrics'));
  simulator.restoreKey(key);
  await engine.said(/Braze accepts requests again/);
  // An error page, a lost connection, an object that Braze refuses, and one that the filter fails on.
  simulator.failNext({ kind: 'status', status: 502 }, 1);
  simulator.failNext({ kind: 'reset' }, 1);
  await publish('S3S-u2');
  await publish('S3S-blocked');
  await publish('S3S-u3', 'S3S-size');
  // Rules that are wrong where the secrets are, and one with another key.
  await writeFile(rules, rule('apiKey: "${BRAZE_API_KEY} ${NEXT}"'));
  await engine.said(/destination\.apiKey: holds a blank/);
  await writeFile(rules, rule('apiKeyy: "${BRAZE_API_KEY}"', 'delivery: { concurrency: "${NEXT}" }'));
  await engine.said(/did you mean `apiKey`/);
  await writeFile(rules, rule('apiKey: "${NEXT}"'));
  await engine.said(/The rules are reloaded\./);
  // A server that goes away, and no longer takes the password.
  const manager = await jetstreamManager(connection);
  const letters = async () => (await manager.streams.info('SLUICE_DEAD_LETTERS')).state.messages;
  await vi.waitFor(async () => expect(await letters()).toBe(2), { timeout: 60_000 });
  const config = join(nats.storeDir, 'nats-server.conf');
  await writeFile(config, (await readFile(config, 'utf8')).replace(password, 'S3S-other'));
  await nats.kill();
  await nats.restart();
  await engine.said(/Authorization Violation/i);
  told.push(await page('/readyz'), await page('/metrics'));
  engine.signal('SIGTERM');
  await engine.ended();

  for (const text of [engine.output, ...told]) expect(text).not.toMatch(/S3S-(braze|next|p|other)/);
  expect(engine.output).not.toContain(encodeURIComponent(password));
  const aboveDebug = engine.log.filter(({ level }) => level !== 'debug' && level !== 'trace');
  expect(aboveDebug.length).toBeGreaterThan(10);
  expect(JSON.stringify(aboveDebug)).not.toContain('S3S');
  expect(told.join('')).not.toContain('S3S');
}, 180_000);
