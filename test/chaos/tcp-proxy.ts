/** A link that fails on demand: a TCP proxy on 127.0.0.1 between a client and a server that are both real. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** What a link does to the bytes that pass it. */
export type LinkState =
  | { readonly kind: 'open' }
  /** Each piece of bytes, up to 64 KiB of them, takes so long. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Bytes are accepted and forwarded nowhere, as by a host that vanished without a word ("half-open"). */
  | { readonly kind: 'silent' };

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  /** Whether bytes of it were swallowed, so that it can never be whole again. */
  torn: boolean;
}

export class TcpProxy implements AsyncDisposable {
  /** When it ended connections that were open, in milliseconds since 1970, one for each. */
  readonly breaks: number[] = [];
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #connections = new Set<Connection>();
  #state: LinkState = { kind: 'open' };

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#join(client));
  }

  /** Listens on a free port and passes all that comes on to the target port of this machine. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Of the connections that are open, how many have lost bytes in a silence. */
  get torn(): number {
    return [...this.#connections].filter(({ torn }) => torn).length;
  }

  /** Changes the link for the connections that are open and for those to come. */
  set(state: LinkState): void {
    this.#state = state;
    // What lost bytes in a silence must not go on as if nothing had been.
    if (state.kind !== 'silent') this.#end('reset', ({ torn }) => torn);
  }

  /** Ends all connections: in order, as when a server says goodbye (`cut`), or by a reset. */
  break(how: 'cut' | 'reset'): void {
    this.#end(how, () => true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.break('reset');
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const connection = { client, server, torn: false };
    this.#connections.add(connection);
    // A side that is gone takes the other one with it; the pipelines say so, and nobody needs to hear it.
    const both = [this.#forward(connection, client, server), this.#forward(connection, server, client)];
    void Promise.allSettled(both).then(() => this.#connections.delete(connection));
  }

  #forward(connection: Connection, from: Socket, to: Socket): Promise<void> {
    const pass = async function* (this: TcpProxy, pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
      for await (const piece of pieces) {
        if (this.#state.kind === 'slow') await delay(this.#state.ms);
        if (this.#state.kind === 'silent') connection.torn = true;
        if (!connection.torn) yield piece;
      }
    };
    return pipeline(from, pass.bind(this), to);
  }

  #end(how: 'cut' | 'reset', which: (connection: Connection) => boolean): void {
    for (const connection of this.#connections) {
      if (!which(connection)) continue;
      this.breaks.push(Date.now());
      this.#connections.delete(connection);
      for (const socket of [connection.client, connection.server]) {
        if (how === 'cut') socket.destroy();
        else socket.resetAndDestroy();
      }
    }
  }
}
