/**
 * A process that answers every POST with Braze's 201: what the engine costs, not Braze.
 *
 * node bench/bare-sink.ts [--latency 0] [--reject-share 0] [--timed]
 *
 * It answers after `--latency` milliseconds, a share of requests with 429. With `--timed` it reads the `time` of each
 * event that it accepts, and GET /latencies says how old they were then, in milliseconds; DELETE forgets.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    latency: { type: 'string', default: '0' },
    'reject-share': { type: 'string', default: '0' },
    timed: { type: 'boolean', default: false },
  },
});
const latencyMs = Number(values.latency);
const rejectShare = Number(values['reject-share']);
const success = '{"message":"success"}';
const tooMany = '{"message":"Rate limit exceeded"}';
let requests = 0;
let ages: number[] = [];

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(latencies()));
    return;
  }
  if (request.method === 'DELETE') {
    ages = [];
    response.writeHead(204).end();
    return;
  }
  // Spread evenly, so that short runs have their share too.
  const reject = Math.floor((requests + 1) * rejectShare) > Math.floor(requests * rejectShare);
  requests++;
  const answer = (times: readonly string[]): void => {
    const body = reject ? tooMany : success;
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    if (reject) response.writeHead(429, { ...headers, 'retry-after': '1' }).end(body);
    else response.writeHead(201, headers).end(body);
    const now = Date.now();
    if (!reject) for (const time of times) ages.push(now - Date.parse(time));
  };
  const later = (times: readonly string[]): void => {
    if (latencyMs > 0) setTimeout(answer, latencyMs, times);
    else answer(times);
  };
  if (values.timed) void timesOf(request).then(later);
  else request.resume().on('end', () => later([]));
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});
// The parent's end closes this; a parent that crashed closes it too.
process.stdin.resume().on('end', () => process.exit());

async function timesOf(request: IncomingMessage): Promise<readonly string[]> {
  const text = (await buffer(request)).toString('latin1');
  return Array.from(text.matchAll(/"time":"([^"]{24})"/g), ([, time = '']) => time);
}

function latencies() {
  const sorted = Float64Array.from(ages).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
}
