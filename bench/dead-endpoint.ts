/**
 * What a destination in trouble hears of a workspace: requests in each second of an outage, with so many requests
 * in hand that all have to be sent again and again.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { silent } from '../src/core/telemetry.ts';
import { brazeSink } from '../src/sinks/braze/sink.ts';
import { Workspaces } from '../src/sinks/http/workspace.ts';
import { openBench } from './command-line.ts';

const { flags, progress, report } = openBench(
  'dead-endpoint',
  'What a destination in trouble hears of a workspace: requests in each part of an outage.',
  {
    requests: { default: 16, help: 'requests in hand' },
    seconds: { default: 60, quick: 4, help: 'how long the outage lasts' },
    status: { default: 503, help: 'what it answers' },
    reset: { default: false, help: 'it resets connections instead' },
    silence: { default: false, help: 'it says nothing instead' },
  },
);
const trouble = flags.reset ? 'reset' : flags.silence ? 'silence' : `a ${flags.status}`;
const parts = 4;
const heard = Array.from({ length: parts }, () => 0);
const begin = performance.now();
const server = createServer((request, response) => {
  const part = Math.floor(((performance.now() - begin) * parts) / (flags.seconds * 1_000));
  heard[part] = (heard[part] ?? 0) + 1;
  if (flags.reset) request.socket.resetAndDestroy();
  else if (!flags.silence) response.writeHead(flags.status).end();
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
const written = Array.from({ length: flags.requests }, (_, user) => {
  const draft = { identifier: String(user), name: 'Viewed', time: new Date(0).toISOString(), properties: {} };
  return sink.write([sink.encode(draft, Date.now())], abort.signal);
});
progress(`${trouble} to all for ${flags.seconds} s`);
await delay(flags.seconds * 1_000);
abort.abort();
await Promise.all(written);
await workspaces.close();
server.closeAllConnections();
server.close();

const counted = heard.slice(0, parts);
report({
  tables: [
    {
      title: `Requests heard in each quarter of ${flags.seconds} s, with ${flags.requests} in hand`,
      columns: ['answer to all', 'first', 'second', 'third', 'fourth'],
      rows: [{ name: trouble, cells: counted }],
    },
  ],
  reading: [
    `In ${flags.seconds} s of outage the destination hears ${counted.reduce((sum, count) => sum + count, 0)} requests.`,
  ],
});
