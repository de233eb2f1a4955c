/**
 * The gateway as a process of its own. It, or the nats-server behind it, is killed in the middle of requests: what it has
 * answered with 200 is in the stream.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { createGenerator, type Properties } from '../../src/generator/index.ts';
import { connectNats } from '../../src/nats/connect.ts';
import { freePort } from '../../src/nats/free-port.ts';
import { startNatsServer } from '../../src/nats/start-server.ts';

const kills = Number(process.env['KILLS'] ?? 3);
const clients = 8;

test.each([
  ['gateway', 'event'],
  ['gateway', 'packed'],
  ['nats-server', 'event'],
  ['nats-server', 'packed'],
])(
  'when the %s is killed, with the layout %s, nothing that was answered with 200 is lost',
  async (victim, layout) => {
    await using resources = new AsyncDisposableStack();
    const nats = resources.use(await startNatsServer());
    const port = await freePort();
    const start = async (): Promise<ChildProcess> => {
      const child = spawn(process.execPath, ['src/cli.ts', 'gateway'], {
        env: {
          PATH: process.env['PATH'],
          NATS_URL: nats.url,
          SLUICE_HTTP_PORT: '0',
          SLUICE_GATEWAY_PORT: String(port),
          SLUICE_GATEWAY_KEYS: 'key=EVENTS',
          SLUICE_GATEWAY_LAYOUT: layout,
          LOG_FORMAT: 'json',
        },
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      resources.defer(() => void child.kill('SIGKILL'));
      let log = '';
      await new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (chunk: Buffer) => {
          log += chunk.toString();
          if (log.includes('The gateway takes events.')) resolve();
        });
        child.once('exit', () => reject(new Error(log)));
      });
      return child;
    };

    const generator = createGenerator({ users: 500, shape: 'http' });
    const answered: string[] = [];
    let broken = 0;
    let finishing = false;
    let target = 0;
    let reached = Promise.withResolvers<void>();
    /** Resolves when what was killed is there again. */
    let up: Promise<unknown> = Promise.resolve();
    /** Posts requests one after another, each until it is answered with 200, as an SDK does. */
    const client = async (): Promise<void> => {
      while (!finishing) {
        const events = Array.from({ length: 20 }, () => generator.next().event);
        const body = JSON.stringify({ api_key: 'key', events });
        while (!(await post(port, body).catch(() => false))) {
          broken++;
          await up;
        }
        answered.push(...events.map(keyOf));
        if (answered.length >= target) reached.resolve();
      }
    };

    let gateway = await start();
    const running = Promise.all(Array.from({ length: clients }, client));
    // What was under way when a server dies is answered by a time-out of seconds, so this takes longer.
    const times = victim === 'gateway' ? kills : Math.ceil(kills / 2);
    for (let kill = 0; kill < times; kill++) {
      reached = Promise.withResolvers();
      target = answered.length + 400 + kill * 37;
      await reached.promise;
      const next = Promise.withResolvers<void>();
      up = next.promise;
      if (victim === 'gateway') {
        gateway.kill('SIGKILL');
        await once(gateway, 'exit');
        gateway = await start();
      } else {
        await nats.kill();
        await nats.restart();
      }
      next.resolve();
    }
    finishing = true;
    await running;
    gateway.kill('SIGTERM');
    await once(gateway, 'exit');

    // Opened now: one that stood through the kills may be about to connect again, and a request would be lost.
    const connection = await connectNats({ urls: [nats.url] });
    resources.defer(() => connection.close());
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info('EVENTS');
    const stored = new Map<string, number>();
    const consumer = await jetstream(connection).consumers.get('EVENTS');
    for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 30_000 })) {
      const value = message.json<object>();
      for (const event of Array.isArray(value) ? (value as object[]) : [value]) {
        const key = keyOf(event as Properties);
        stored.set(key, (stored.get(key) ?? 0) + 1);
      }
    }
    expect(answered.filter((id) => !stored.has(id))).toEqual([]);
    // Each request was sent again as it was, so the stream knew what it had of it.
    expect([...stored].filter(([, times]) => times > 1)).toEqual([]);
    expect(broken).toBeGreaterThan(0);
    expect(stored.size).toBe(answered.length);
  },
  120_000,
);

/** What Amplitude knows an event again by. */
function keyOf({ device_id: device, insert_id: id }: Properties): string {
  return `${String(device)} ${String(id)}`;
}

async function post(port: number, body: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/2/httpapi`, { method: 'POST', body });
  await response.arrayBuffer();
  return response.status === 200;
}
