import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { createStream } from '../../src/nats/stream.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';

// Each test starts processes, and others run beside it.
vi.setConfig({ testTimeout: 120_000 });
const natsUrl = inject('natsUrl');
const connection = await connectNats({ urls: [natsUrl] });
const simulator = await startSimulator();
const folder = await mkdtemp(join(tmpdir(), 'sluice-run-'));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await simulator.close();
  await connection.close();
});

/** A stream of a hundred events, and a rule file that reads it, or another stream. */
async function prepared({ rule = '', reads }: { rule?: string; reads?: string } = {}) {
  const name = `R_${randomUUID().slice(0, 8)}`;
  const stream = await createStream(connection, name, [`${name}.>`]);
  for (let seq = 0; seq < 100; seq++) {
    await stream.publish(`${name}.events`, JSON.stringify({ event_type: 'Viewed', user_id: `${name}-${seq}` }));
  }
  const rules = join(folder, `${name}.yaml`);
  await writeFile(
    rules,
    `name: ${name}
source: { stream: ${reads ?? name}, subjects: ${name}.>, start: all }
destination: { type: braze, endpoint: "${simulator.url}", apiKey: "\${TEST_KEY}" }
events: { select: ["*"] }
batch: { maxWaitMs: 20 }
${rule}`,
  );
  return { name, rules };
}

function sluice(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['src/cli.ts', ...args], {
    env: {
      PATH: process.env['PATH'],
      NATS_URL: natsUrl,
      SLUICE_HTTP_PORT: '0',
      SLUICE_DEAD_LETTERS: 'RUN_TEST_DEAD',
      TEST_KEY: simulator.key,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => ({
    code,
    stdout,
    stderr,
  }));
  return { child, ended };
}

test.concurrent('run --once delivers what is there and ends with 0', async () => {
  const { name, rules } = await prepared();
  const { code, stdout } = await sluice(['run', '--once', '--json', '--rules', rules]).ended;
  expect(code).toBe(0);
  const { syncs } = JSON.parse(stdout) as { syncs: Record<string, unknown>[] };
  expect(syncs).toMatchObject([{ sync: name, received: 100, deliveredFirst: 100, inFlight: 0 }]);
});

/** Resolves with what the log says at this place, once it does. */
async function logged({ child }: ReturnType<typeof sluice>, place: RegExp): Promise<string> {
  return await new Promise((resolve) => {
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const found = place.exec(log);
      if (found !== null) resolve(found[1] ?? '');
    });
  });
}

const served = /"url":"(http:[^"]+)"/;

test.concurrent('run serves health and metrics, and ends with 0 after SIGTERM', async () => {
  const { name, rules } = await prepared();
  const running = sluice(['run', '--rules', rules]);
  const { child, ended } = running;
  const url = await logged(running, served);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  await vi.waitFor(
    async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain(`sluice_events_delivered_total{sync="${name}",attempt="first"} 100`);
    },
    { timeout: 10_000 },
  );
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).toContain('Stopping');
  expect(stderr).not.toContain(simulator.key);
});

test.concurrent('run reloads its rules on SIGHUP, also with --no-watch', async () => {
  const { name, rules } = await prepared();
  const running = sluice(['run', '--no-watch', '--json', '--rules', rules]);
  await logged(running, served);
  const rule = await readFile(rules, 'utf8');
  await writeFile(rules, `${rule}delivery: { concurrencyy: 3 }\n`);
  const refused = logged(running, /\.yaml:\d+:\d+: (delivery).*did you mean `concurrency`/);
  running.child.kill('SIGHUP');
  expect(await refused).toBe('delivery');
  await writeFile(rules, rule.replace(name, `${name}_RENAMED`));
  const renamed = logged(running, /("sync":"\w+_RENAMED","stream":"\w+")/);
  running.child.kill('SIGHUP');
  expect(await renamed).toContain(name);

  running.child.kill('SIGTERM');
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  const { syncs } = JSON.parse(stdout) as { syncs: Record<string, unknown>[] };
  expect(syncs).toMatchObject([{ sync: name }, { sync: `${name}_RENAMED` }]);
});

test.concurrent('run ends with 3 when the stream does not exist, and says what to do', async () => {
  const { rules } = await prepared({ reads: 'GONE' });
  const { code, stderr } = await sluice(['run', '--once', '--rules', rules]).ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/there is no stream GONE.*nats stream add GONE/);
});

test.concurrent('run ends with 3 when NATS cannot be reached, and names it', async () => {
  const { rules } = await prepared();
  const env = { NATS_URL: 'nats://127.0.0.1:9' };
  const { code, stderr } = await sluice(['run', '--once', '--rules', rules], env).ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/127\.0\.0\.1:9 cannot be reached.*NATS_URL/);
});

test.concurrent('run ends with 1 when a rule is wrong or a secret is not set, and names the place', async () => {
  const { rules } = await prepared({ rule: 'delivery: { concurrencyy: 3 }' });
  const wrong = await sluice(['run', '--once', '--rules', rules]).ended;
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toMatch(/\.yaml:\d+:\d+: delivery.*did you mean `concurrency`/);

  const unset = await sluice(['run', '--once', '--rules', (await prepared()).rules], { TEST_KEY: '' }).ended;
  expect(unset.code).toBe(1);
  expect(unset.stderr).toContain('TEST_KEY');
});

test.concurrent('a wrong option ends with 2, help with 0', async () => {
  expect((await sluice(['run', '--nonsense']).ended).code).toBe(2);
  expect((await sluice(['nonsense']).ended).code).toBe(2);
  const help = await sluice(['run', '--help']).ended;
  expect(help.code).toBe(0);
  expect(help.stdout).toContain('Example:');
});

test.concurrent('health and metrics are served on loopback alone, unless another address is set', async () => {
  const { rules } = await prepared();
  const answers = async (env: Record<string, string>): Promise<readonly boolean[]> => {
    const running = sluice(['run', '--rules', rules], env);
    const port = new URL(await logged(running, served)).port;
    // The second is another address of this machine, on which a server for everybody would answer.
    const hosts = ['127.0.0.1', '127.0.0.2'];
    const asked = hosts.map(async (host) => await fetch(`http://${host}:${port}/livez`).catch(() => undefined));
    const answered = (await Promise.all(asked)).map((answer) => answer?.ok === true);
    running.child.kill('SIGTERM');
    await running.ended;
    return answered;
  };
  const [byDefault, everywhere] = await Promise.all([answers({}), answers({ SLUICE_HTTP_HOST: '0.0.0.0' })]);
  expect(byDefault).toEqual([true, false]);
  expect(everywhere).toEqual([true, true]);
});
