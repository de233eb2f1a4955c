import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { HttpClient } from '../../../src/sinks/http/client.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback and a client of it. */
class Pair implements AsyncDisposable {
  readonly client: HttpClient;
  readonly #server: ReturnType<typeof createServer>;
  connections = 0;
  #closed: Promise<void> | undefined;

  private constructor(server: ReturnType<typeof createServer>, totalTimeoutMs: number) {
    this.#server = server;
    server.on('connection', () => this.connections++);
    this.client = new HttpClient({ origin: originOf(server), connectTimeoutMs: 5_000, totalTimeoutMs });
  }

  static async start(handler: Handler, { totalTimeoutMs = 20_000 } = {}): Promise<Pair> {
    const server = createServer(handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Pair(server, totalTimeoutMs);
  }

  closeClient(): Promise<void> {
    return (this.#closed ??= this.client.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.closeClient();
  }
}

function originOf(server: ReturnType<typeof createServer>): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = new AbortController().signal;
const ok: Handler = (_, response) => void response.end('{}');

test('a post arrives as it was given, and its answer comes back whole, with the names of headers in lower case', async () => {
  const seen: unknown[] = [];
  await using pair = await Pair.start(({ method, url, headers }, response) => {
    seen.push({ method, url, kind: headers['x-kind'] });
    response.writeHead(201, { 'X-RateLimit-Reset': '7' });
    response.req.pipe(response);
  });
  const body = '{"greeting":"gr\u00fc\u00dfe \u{1f44b}"}';
  const reply = await pair.client.post('/users/track', body, { 'x-kind': 'a' }, never);
  expect(seen).toEqual([{ method: 'POST', url: '/users/track', kind: 'a' }]);
  expect(reply).toMatchObject({ kind: 'answer', status: 201, body });
  expect(reply).toHaveProperty('headers.x-ratelimit-reset', '7');
});

test('an answer of any status is an answer', async () => {
  await using pair = await Pair.start((request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end();
  });
  for (const status of [200, 202, 302, 400, 401, 404, 413, 429, 500, 503]) {
    expect(await pair.client.post(`/${status}`, '{}', {}, never)).toMatchObject({ status, body: '' });
  }
});

test('connections are used again, also after answers that are errors', async () => {
  let requests = 0;
  await using pair = await Pair.start((_, response) => {
    response.statusCode = requests++ % 2 === 0 ? 201 : 503;
    response.end('{}');
  });
  for (let sent = 0; sent < 50; sent++) await pair.client.post('/', '{}', {}, never);
  // A request that follows at once may find the connection not yet free.
  expect(pair.connections).toBeLessThanOrEqual(2);
});

test('requests at the same time have a connection each', async () => {
  const held: ServerResponse[] = [];
  await using pair = await Pair.start((_, response) => {
    held.push(response);
    if (held.length === 12) for (const each of held) each.end('{}');
  });
  const replies = await Promise.all(Array.from({ length: 12 }, () => pair.client.post('/', '{}', {}, never)));
  expect(replies.map(({ kind }) => kind)).toEqual(Array.from({ length: 12 }, () => 'answer'));
  expect(pair.connections).toBe(12);
});

test('an answer whose head never comes is a failure once the time is up', async () => {
  await using pair = await Pair.start(() => undefined, { totalTimeoutMs: 50 });
  expect(await pair.client.post('/', '{}', {}, never)).toEqual({
    kind: 'failure',
    detail: 'no answer within 50 ms',
  });
});

test('a request that the server never reads to its end is a failure once the time is up', async () => {
  await using pair = await Pair.start((request) => void request.pause(), { totalTimeoutMs: 50 });
  expect(await pair.client.post('/', 'x'.repeat(20_000_000), {}, never)).toMatchObject({ kind: 'failure' });
});

test.for<[string, Handler]>([
  ['never comes', (_, response) => response.writeHead(201, { 'content-length': '100' }).flushHeaders()],
  [
    'begins and goes no further',
    (_, response) => void response.writeHead(201, { 'content-length': '100' }).write('{"message":'),
  ],
  [
    'breaks off',
    (request, response) => {
      response.writeHead(201, { 'content-length': '100' }).write('{"message":', () => request.socket.destroy());
    },
  ],
  ['is far too long', (_, response) => void response.writeHead(201).end(`"${'x'.repeat(2_000_000)}"`)],
])('an answer whose body %s still says its status', async ([, handler]) => {
  await using pair = await Pair.start(handler, { totalTimeoutMs: 200 });
  expect(await pair.client.post('/', '{}', {}, never)).toMatchObject({ kind: 'answer', status: 201, body: '' });
});

/** A server that speaks no HTTP of its own accord, and how often it says a piece once a connection is there. */
async function rawServer(speak: (socket: Socket) => void): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    speak(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** Says one piece every few milliseconds, without end. */
function drip(piece: string): (socket: Socket) => void {
  return (socket) => {
    const timer = setInterval(() => socket.write(piece), 5);
    socket.once('close', () => clearInterval(timer));
  };
}

const impatient = { connectTimeoutMs: 5_000, totalTimeoutMs: 200 };

test('a connection that never gets to speak TLS is given up once the time to connect is over', async () => {
  const { server, port } = await rawServer(() => undefined);
  const timeouts = { connectTimeoutMs: 50, totalTimeoutMs: 3_600_000 };
  const client = new HttpClient({ origin: `https://127.0.0.1:${port}`, ...timeouts });
  expect(await client.post('/', '{}', {}, never)).toEqual({
    kind: 'failure',
    detail: expect.stringMatching(/connect timeout/i),
  });
  await client.close();
  server.close();
});

test('an answer whose head drips without end is a failure once the time is up', async () => {
  const { server, port } = await rawServer((socket) => {
    socket.write('HTTP/1.1 201 Created\r\n');
    drip('x-filler: 1\r\n')(socket);
  });
  const client = new HttpClient({ origin: `http://127.0.0.1:${port}`, ...impatient });
  expect(await client.post('/', '{}', {}, never)).toEqual({ kind: 'failure', detail: 'no answer within 200 ms' });
  await client.close();
  server.close();
});

test('an answer whose body drips without end still says its status', async () => {
  const { server, port } = await rawServer((socket) => {
    socket.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1000000\r\n\r\n');
    drip('x')(socket);
  });
  const client = new HttpClient({ origin: `http://127.0.0.1:${port}`, ...impatient });
  expect(await client.post('/', '{}', {}, never)).toMatchObject({ kind: 'answer', status: 503, body: '' });
  await client.close();
  server.close();
});

test('a connection that is reset is a failure, and the next request makes a new one', async () => {
  let requests = 0;
  await using pair = await Pair.start((request, response) => {
    if (requests++ === 0) request.socket.resetAndDestroy();
    else response.end('{}');
  });
  expect(await pair.client.post('/', '{}', {}, never)).toMatchObject({ kind: 'failure' });
  expect(await pair.client.post('/', '{}', {}, never)).toMatchObject({ kind: 'answer', status: 200 });
});

test('what is not HTTP is a failure', async () => {
  await using pair = await Pair.start((request) => void request.socket.end('SSH-2.0-OpenSSH\r\n'));
  expect(await pair.client.post('/', '{}', {}, never)).toMatchObject({ kind: 'failure' });
});

test('a connection that is refused is a failure, and a server that comes back is found again', async () => {
  const server = createServer(ok).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new HttpClient({ origin: originOf(server), connectTimeoutMs: 5_000, totalTimeoutMs: 20_000 });
  server.close();
  await once(server, 'close');
  expect(await client.post('/', '{}', {}, never)).toEqual({
    kind: 'failure',
    detail: expect.stringContaining('ECONNREFUSED'),
  });

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await client.post('/', '{}', {}, never)).toMatchObject({ kind: 'answer' });
  await client.close();
  server.close();
});

test('an abort ends a request under way', async () => {
  const abort = new AbortController();
  await using pair = await Pair.start(() => abort.abort());
  expect(await pair.client.post('/', '{}', {}, abort.signal)).toMatchObject({ kind: 'failure' });
});

test('nothing is sent once an abort has fired', async () => {
  let requests = 0;
  await using pair = await Pair.start((request, response) => {
    requests++;
    ok(request, response);
  });
  expect(await pair.client.post('/', '{}', {}, AbortSignal.abort())).toMatchObject({ kind: 'failure' });
  await pair.client.post('/', '{}', {}, never);
  expect(requests).toBe(1);
});

test('the abort signal has one listener, however many requests there were and however they ended', async () => {
  const abort = new AbortController();
  await using pair = await Pair.start(
    (request, response) => {
      if (request.url === '/reset') request.socket.destroy();
      else if (request.url !== '/silence') response.end('{}');
    },
    { totalTimeoutMs: 50 },
  );
  for (const path of ['/', '/reset', '/silence']) await pair.client.post(path, '{}', {}, abort.signal);
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
});

test('a client that is closed sends nothing more, and lets what is under way end', async () => {
  const arrived = Promise.withResolvers<ServerResponse>();
  await using pair = await Pair.start((_, response) => arrived.resolve(response));
  const underWay = pair.client.post('/', '{}', {}, never);
  const response = await arrived.promise;
  const closed = pair.closeClient();
  response.end('{}');
  expect(await underWay).toMatchObject({ kind: 'answer', status: 200 });
  await closed;
  expect(await pair.client.post('/', '{}', {}, never)).toMatchObject({ kind: 'failure' });
});
