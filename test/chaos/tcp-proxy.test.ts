import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

/** A server that sends back what it gets, a proxy before it, and a client that has said hello through it. */
async function link() {
  const resources = new AsyncDisposableStack();
  const server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  resources.defer(() => void server.close());
  const proxy = resources.use(await TcpProxy.start((server.address() as AddressInfo).port));
  const open = (): { socket: Socket; heard: () => string } => {
    const socket = connect(proxy.port, '127.0.0.1');
    resources.defer(() => void socket.destroy());
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    return { socket, heard: () => text };
  };
  const client = open();
  client.socket.write('hello');
  await vi.waitFor(() => expect(client.heard()).toBe('hello'), { timeout: 10_000 });
  return { proxy, open, client, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a silent link accepts bytes and forwards nothing; what lost bytes is reset when it speaks again', async () => {
  await using silent = await link();
  const { proxy, client, open } = silent;
  proxy.set({ kind: 'silent' });
  const error = once(client.socket, 'error') as Promise<[NodeJS.ErrnoException]>;
  await new Promise((resolve) => client.socket.write('lost', resolve));
  await vi.waitFor(() => expect(proxy.torn).toBe(1), { timeout: 10_000 });
  proxy.set({ kind: 'open' });
  expect(proxy.breaks).toHaveLength(1);
  expect(client.heard()).toBe('hello');
  expect((await error)[0].code).toBe('ECONNRESET');

  const next = open();
  next.socket.write('again');
  await vi.waitFor(() => expect(next.heard()).toBe('again'), { timeout: 10_000 });
});

test('a slow link keeps the bytes and their order', async () => {
  await using slow = await link();
  const { proxy, client } = slow;
  proxy.set({ kind: 'slow', ms: 5 });
  const text = 'x'.repeat(200_000);
  client.socket.write(text);
  client.socket.write('end');
  await vi.waitFor(() => expect(client.heard()).toBe(`hello${text}end`), { timeout: 5_000 });
});

test.for([
  ['cut', 'close'],
  ['reset', 'error'],
] as const)('a connection that is %s ends with a %s', async ([how, event]) => {
  await using broken = await link();
  const ended = once(broken.client.socket.resume(), event);
  broken.proxy.break(how);
  await ended;
  expect(broken.proxy.breaks).toHaveLength(1);
});
