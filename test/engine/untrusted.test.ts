/** A Braze whose certificate is not trusted is never sent to. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { connectNats } from '../../src/nats/connect.ts';
import { createStream } from '../../src/nats/stream.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { makeAuthority } from '../certificates.ts';
import { EngineProcess } from '../engine-process.ts';

const natsUrl = inject('natsUrl');
const always = { NATS_URL: natsUrl, SLUICE_DRAIN_MS: '100', SLUICE_ACK_WAIT_MS: '1000' };
const folder = await mkdtemp(join(tmpdir(), 'sluice-untrusted-'));
const authority = await makeAuthority(folder, 'authority');
const connection = await connectNats({ urls: [natsUrl] });
afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true });
});

test.concurrent.for([
  ['by default', {}],
  ["with Node's switch that turns verification off", { NODE_TLS_REJECT_UNAUTHORIZED: '0' }],
] as const)('an untrusted certificate is refused %s, and nothing is lost', { timeout: 180_000 }, async ([, env]) => {
  await using simulator = await startSimulator();
  await using https = await encrypted(simulator);
  const { rules, stream } = await ruleFor(https.url, simulator.key);
  await stream.publish(`${stream.name}.events`, JSON.stringify({ event_type: 'Viewed', user_id: 'u-1' }));

  await using engine = new EngineProcess(['--rules', rules], { ...always, ...env });
  const url = await engine.url();
  const failed = new RegExp(`sluice_requests_total\\{sync="${stream.name}",status="failed"\\} [1-9]`);
  await vi.waitFor(async () => expect(await (await fetch(`${url}/metrics`)).text()).toMatch(failed), {
    timeout: 60_000,
  });
  expect(engine.output).toMatch(/Braze at https:.*cannot be asked now \(unable to verify the first certificate/);
  expect(https.requests()).toBe(0);
  engine.signal('SIGTERM');
  expect(await engine.ended()).toBe(0);
  expect(https.requests()).toBe(0);
  // With the authority known, the same message arrives.
  const trust = { ...always, NODE_EXTRA_CA_CERTS: authority.cert };
  await using trusting = new EngineProcess(['--once', '--rules', rules], trust);
  await trusting.said(/The sync has ended/);
  expect(await trusting.ended()).toBe(0);
  expect(simulator.acceptedEvents()).toHaveLength(1);
  await stream.delete();
});

/** The simulator behind TLS. */
async function encrypted(simulator: Simulator) {
  const { cert, key } = await authority.issue(`braze-${randomUUID()}`);
  let requests = 0;
  const server = createServer({ cert: await readFile(cert), key: await readFile(key) }, (incoming, response) => {
    requests++;
    const { method = 'GET', headers, url = '/' } = incoming;
    const onward = request(new URL(url, simulator.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function ruleFor(endpoint: string, apiKey: string) {
  const name = `S_${randomUUID().slice(0, 8)}`;
  const stream = await createStream(connection, name, [`${name}.>`]);
  const rules = join(folder, `${name}.json`);
  const rule = {
    name,
    source: { stream: name, subjects: `${name}.>`, start: 'all' },
    destination: { type: 'braze', endpoint, apiKey },
    events: { select: ['*'] },
    batch: { maxWaitMs: 20 },
  };
  await writeFile(rules, JSON.stringify(rule));
  return { rules, stream };
}
