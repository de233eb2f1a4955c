/**
 * What a destination in trouble hears of a workspace: requests in each second of an outage, with so many requests
 * in hand that all have to be sent again and again.
 *
 * node bench/dead-endpoint.ts [--requests 16] [--seconds 60] [--trouble 503|reset|silence]
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { silent } from '../src/core/telemetry.ts';
import { brazeSink } from '../src/sinks/braze/sink.ts';
import { Workspaces } from '../src/sinks/http/workspace.ts';

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '60' },
    trouble: { type: 'string', default: '503' },
  },
});
const seconds = Number(flags.seconds);
const heard: number[] = Array.from({ length: seconds }, () => 0);
const begin = performance.now();
const server = createServer((request, response) => {
  const second = Math.floor((performance.now() - begin) / 1_000);
  heard[second] = (heard[second] ?? 0) + 1;
  if (flags.trouble === 'reset') request.socket.resetAndDestroy();
  else if (flags.trouble !== 'silence') response.writeHead(Number(flags.trouble)).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const config = {
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  apiKey: 'key',
  identifierType: 'external_id',
  updateUsersOnly: false,
} as const;
const workspaces = new Workspaces();
const workspace = workspaces.get(config, { requests: 3_000, perMs: 3_000 });
const sink = brazeSink({ config, workspace, giveUpAfterMs: null, telemetry: silent });
const abort = new AbortController();
const written = Array.from({ length: Number(flags.requests) }, (_, user) => {
  const draft = { identifier: String(user), name: 'Viewed', time: new Date(0).toISOString(), properties: {} };
  return sink.write([sink.encode(draft, Date.now())], abort.signal);
});
await delay(seconds * 1_000);
abort.abort();
await Promise.all(written);
await workspaces.close();
server.closeAllConnections();
server.close();

console.log(`${flags.requests} requests in hand, ${flags.trouble} to all: requests in each second`);
console.log(heard.slice(0, seconds).join(' '));
console.log(`${heard.reduce((sum, count) => sum + count, 0)} in ${seconds} s`);
