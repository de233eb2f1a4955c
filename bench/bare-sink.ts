/** A process that answers every POST with Braze's 201, after `--latency` milliseconds: what the engine costs, not Braze. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { latency: { type: 'string', default: '0' } } });
const latencyMs = Number(values.latency);
const body = '{"message":"success"}';

const server = createServer((request, response) => {
  const answer = (): void => {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  request.resume().on('end', () => {
    if (latencyMs > 0) setTimeout(answer, latencyMs);
    else answer();
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});
// The parent's end closes this; a parent that crashed closes it too.
process.stdin.resume().on('end', () => process.exit());
